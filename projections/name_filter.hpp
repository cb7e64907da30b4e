// Which streams may have a row: a Bloom filter over their names. Most commands make something
// new, and asking RocksDB for what it does not have costs two microseconds.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace projections {

// Eight bytes hold the bits of a name, so that a look is one cache line. At the most names it
// takes, one in about a hundred unknown ones looks known, and is then looked up as before.
class NameFilter {
public:
    static constexpr std::size_t names_max = 4'000'000;

    // False once it holds too many: then every name may be known.
    bool usable() const { return usable_; }
    void give_up();
    void add(std::string_view name);
    bool may_know(std::string_view name) const;

private:
    static constexpr std::size_t words = std::size_t{1} << 20; // 8 MiB, touched as it fills.

    std::vector<std::uint64_t> bits_;
    std::size_t added_ = 0;
    bool usable_ = true;
};

} // namespace projections
