// Stripe's pages: newest first, from a cursor on, narrowed by what is asked for.

#pragma once

#include "gateways/sandbox/stripe/requests.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <functional>

namespace gateways::sandbox::stripe {

struct PageRequest {
    std::size_t limit = 10;
    std::string starting_after, ending_before;
};
PageRequest read_page(const Parameters& given);

// created=1700000000, created[gte]=...
struct SpanOfTime {
    std::int64_t from = INT64_MIN, to = INT64_MAX; // Both included.
    bool contains(std::int64_t time) const { return time >= from && time <= to; }
};
SpanOfTime read_created(const Parameters& given);

boost::json::object page_of(boost::json::array data, bool has_more, std::string_view url);

// `objects` are oldest first and have ids; `matches` and `shown` take one of them.
template <class Objects, class Matches, class Shown>
boost::json::object list_of(const Objects& objects, const Parameters& given, std::string_view url,
                            Matches matches, Shown shown) {
    const PageRequest page = read_page(given);
    const bool back = !page.ending_before.empty();
    const std::string& cursor = back ? page.ending_before : page.starting_after;
    const auto begin = objects.begin(), end = objects.end();
    auto at = end;
    if (!cursor.empty()) {
        at = std::ranges::find(objects, cursor, [](const auto& object) { return object.id; });
        if (at == end)
            refuse_missing("object", cursor, back ? "ending_before" : "starting_after",
                           Named::by_parameter);
    }
    boost::json::array data;
    bool has_more = false;
    const auto take = [&](const auto& object) {
        if (!matches(object)) return true;
        has_more = data.size() == page.limit;
        if (!has_more) data.emplace_back(shown(object));
        return !has_more;
    };
    if (back) { // Towards the newer ones, then turned around.
        for (++at; at != end && take(*at); ++at) {
        }
        std::reverse(data.begin(), data.end());
    } else {
        while (at != begin && take(*--at)) {
        }
    }
    return page_of(std::move(data), has_more, url);
}

} // namespace gateways::sandbox::stripe
