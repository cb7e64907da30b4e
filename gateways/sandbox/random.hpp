// Numbers that look random and come from a seed, the same on every machine.

#pragma once

#include <cstdint>
#include <string_view>

namespace gateways::sandbox {

// splitmix64: one step, and the mixing of a number.
constexpr std::uint64_t mixed(std::uint64_t number) {
    number += 0x9e3779b97f4a7c15;
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

// FNV-1a.
constexpr std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next() { return mixed(state_++); }
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    // `low` and `high` included.
    std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }
    bool chance(unsigned per_mille) { return below(1000) < per_mille; }

private:
    std::uint64_t state_;
};

} // namespace gateways::sandbox
