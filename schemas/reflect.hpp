// What a described type looks like from outside: a record of fields or a choice of names.

#pragma once

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/pfr/tuple_size.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <variant>

namespace schemas {

template <class T>
concept Record = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;

template <class T>
concept Choice = boost::describe::has_describe_enumerators<T>::value;

// One of a closed set of messages.
template <class T>
concept Message = Record<T> && requires {
    std::string_view{T::type};
};

template <class T>
inline constexpr bool is_message_set = false;
template <Message... Messages>
inline constexpr bool is_message_set<std::variant<Messages...>> = true;

template <Record T>
using Fields = boost::describe::describe_members<T, boost::describe::mod_public>;

template <Record T>
constexpr std::size_t count_fields() {
    constexpr std::size_t count = boost::mp11::mp_size<Fields<T>>::value;
    if constexpr (!std::is_empty_v<T>)
        static_assert(count == boost::pfr::tuple_size_v<T>,
                      "BOOST_DESCRIBE_STRUCT must list every field");
    return count;
}

// Calls visit(field) for each field of T; field.name and field.pointer tell which.
template <Record T, class Visit>
constexpr void for_each_field(Visit visit) {
    static_assert(count_fields<T>() <= 64);
    boost::mp11::mp_for_each<Fields<T>>(visit);
}

template <Record T>
inline constexpr auto field_names = [] {
    std::array<std::string_view, count_fields<T>()> names;
    std::size_t at = 0;
    for_each_field<T>([&](auto field) { names[at++] = field.name; });
    return names;
}();

// Calls visit(name) for each enumerator of T; name.name and name.value tell which.
template <Choice T, class Visit>
constexpr void for_each_name(Visit visit) {
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>(visit);
}

} // namespace schemas
