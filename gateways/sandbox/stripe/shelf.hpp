// Objects of one kind, by id and in the order they were made.

#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gateways::sandbox::stripe {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

template <class T>
using ById = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// References stay valid until clear().
template <class T>
class Shelf {
public:
    T& add(T object) {
        places_.emplace(object.id, objects_.size());
        return objects_.emplace_back(std::move(object));
    }
    T* find(std::string_view id) {
        const auto place = places_.find(id);
        return place == places_.end() ? nullptr : &objects_[place->second];
    }
    const T* find(std::string_view id) const { return const_cast<Shelf*>(this)->find(id); }
    const std::deque<T>& all() const { return objects_; }
    std::deque<T>& all() { return objects_; }

private:
    std::deque<T> objects_; // Oldest first.
    ById<std::size_t> places_;
};

} // namespace gateways::sandbox::stripe
