#include "projections/name_filter.hpp"

#include <xxhash.h>

namespace projections {

namespace {

struct Place {
    std::size_t word;
    std::uint64_t bits;
};

// Four bits of one word, by six bits of the hash each.
Place place_of(std::string_view name, std::size_t words) {
    const std::uint64_t hash = XXH3_64bits(name.data(), name.size());
    std::uint64_t bits = 0;
    for (int i = 0; i < 4; ++i)
        bits |= std::uint64_t{1} << (hash >> (6 * i) & 63);
    return {static_cast<std::size_t>(hash >> 32) % words, bits};
}

} // namespace

void NameFilter::give_up() {
    usable_ = false;
    bits_ = {};
}

void NameFilter::add(std::string_view name) {
    if (!usable_) return;
    if (bits_.empty()) bits_.resize(words);
    const Place place = place_of(name, words);
    if ((bits_[place.word] & place.bits) == place.bits) return;
    bits_[place.word] |= place.bits;
    if (++added_ > names_max) give_up();
}

bool NameFilter::may_know(std::string_view name) const {
    if (!usable_) return true;
    if (bits_.empty()) return false;
    const Place place = place_of(name, words);
    return (bits_[place.word] & place.bits) == place.bits;
}

} // namespace projections
