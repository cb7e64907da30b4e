// Random numbers that are the same on every machine and library: splitmix64.

#pragma once

#include <cstdint>

namespace bus::simulated {

class Random {
public:
    explicit Random(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    // 0 to count - 1; `count` is at least 1. Its tiny bias for huge counts does not matter here.
    std::uint64_t below(std::uint64_t count) { return next() % count; }

    // True with this probability. Draws nothing when it cannot be.
    bool chance(double probability) {
        return probability > 0 && static_cast<double>(next() >> 11) * 0x1p-53 < probability;
    }

    bool coin() { return (next() & 1U) != 0; }

private:
    std::uint64_t state_;
};

} // namespace bus::simulated
