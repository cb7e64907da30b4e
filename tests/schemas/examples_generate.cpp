// Writes a stored example of every event that has none yet: examples_generate schemas/examples.
// Its values are made up from the fields' names; an example that stands is never touched, because
// it is what a log may hold.

#include "schemas/envelope.hpp"
#include "schemas/messages.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace tests {

namespace {

// 2026-04-01T12:00:00.000Z.
constexpr std::int64_t some_time = 1'775'044'800'000;

class MadeUp {
public:
    template <class T>
    void fill(T& value, std::string_view name) {
        if constexpr (std::is_same_v<T, bool>) {
            value = true;
        } else if constexpr (std::is_integral_v<T>) {
            value = static_cast<T>(++count_);
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = std::string{name} + "-" + std::to_string(++count_);
        } else if constexpr (schemas::is_id<T>) {
            fill(value.value, name);
        } else if constexpr (std::is_same_v<T, domain::Money>) {
            value = {static_cast<std::int64_t>(++count_) * 100, domain::Currency::usd};
        } else if constexpr (std::is_same_v<T, domain::Time>) {
            value = {some_time};
        } else if constexpr (schemas::Choice<T>) {
            bool first = true;
            schemas::for_each_name<T>([&](auto one) {
                if (std::exchange(first, false)) value = one.value;
            });
        } else if constexpr (schemas::is_optional<T>) {
            fill(value.emplace(), name);
        } else if constexpr (schemas::is_vector<T>) {
            fill(value.emplace_back(), name);
        } else {
            schemas::for_each_field<T>([&](auto field) { fill(value.*field.pointer, field.name); });
        }
    }

private:
    int count_ = 0;
};

template <class Event>
void write_example(const std::filesystem::path& folder, std::string_view aggregate) {
    const std::filesystem::path file = folder / (std::string{Event::type} + ".json");
    if (std::filesystem::exists(file)) return;
    Event event;
    MadeUp{}.fill(event, "value");
    std::string data, record;
    schemas::write(event, data);
    const std::string stream = std::string{aggregate} + "-1";
    const std::string previous(64, '0');
    const schemas::EventView head{.id = "c-1.1",
                                  .type = Event::type,
                                  .stream = stream,
                                  .sequence = 1,
                                  .time = {some_time},
                                  .tenant = "acme",
                                  .actor = "user-a",
                                  .command = "c-1",
                                  .fingerprint = "0123456789abcdef",
                                  .correlation = "c-1",
                                  .trace = {},
                                  .data = {},
                                  .previous = previous};
    schemas::write_event(head, data, record);
    std::ofstream{file} << record << "\n";
    std::cout << file.string() << "\n";
}

} // namespace

} // namespace tests

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: examples_generate FOLDER\n";
        return 2;
    }
    boost::mp11::mp_for_each<
        boost::mp11::mp_transform<boost::mp11::mp_identity, schemas::Aggregates>>([&](auto type) {
        using Aggregate = typename decltype(type)::type;
        using Event = typename Aggregate::Event;
        boost::mp11::mp_for_each<boost::mp11::mp_iota_c<std::variant_size_v<Event>>>([&](auto at) {
            tests::write_example<std::variant_alternative_t<at, Event>>(argv[1], Aggregate::name);
        });
    });
}
