#include "projections/sha256_pair.hpp"

#include "domain/contract.hpp"

#ifdef __x86_64__

#include <algorithm>
#include <cpuid.h>
#include <cstdint>
#include <cstring>
#include <immintrin.h>

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

namespace projections {

namespace {

constexpr std::size_t sha256_block_bytes = 64;

alignas(16) constexpr std::uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// A message as blocks: those that lie in it, then one or two with its end and its length.
class Blocks {
public:
    explicit Blocks(std::string_view message) : message_{message} {
        const std::size_t whole = message.size() / sha256_block_bytes;
        const std::size_t rest = message.size() % sha256_block_bytes;
        const std::size_t tail_blocks = rest + 9 <= sha256_block_bytes ? 1 : 2;
        std::memset(tail_, 0, sizeof tail_);
        if (rest > 0) std::memcpy(tail_, message.data() + whole * sha256_block_bytes, rest);
        tail_[rest] = 0x80;
        const std::uint64_t bits = __builtin_bswap64(std::uint64_t{message.size()} * 8);
        std::memcpy(tail_ + tail_blocks * sha256_block_bytes - 8, &bits, 8);
        whole_ = whole;
        count_ = whole + tail_blocks;
    }
    std::size_t count() const { return count_; }
    const unsigned char* at(std::size_t block) const {
        return block < whole_ ? reinterpret_cast<const unsigned char*>(message_.data()) +
                                    block * sha256_block_bytes
                              : tail_ + (block - whole_) * sha256_block_bytes;
    }

private:
    std::string_view message_;
    std::size_t whole_ = 0, count_ = 0;
    unsigned char tail_[2 * sha256_block_bytes];
};

// The state in the order the instructions want: {a,b,e,f} and {c,d,g,h}.
struct State {
    __m128i abef, cdgh;
};

WITH_SHA State initial() {
    return {_mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f,
                          static_cast<int>(0x9b05688c)),
            _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19)};
}

WITH_SHA inline __attribute__((always_inline)) __m128i big_endian(const unsigned char* words) {
    const __m128i order = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(words)), order);
}

// Four rounds with the four words in `words`.
WITH_SHA inline __attribute__((always_inline)) void rounds(State& state, __m128i words,
                                                           std::size_t at) {
    const __m128i sum =
        _mm_add_epi32(words, _mm_load_si128(reinterpret_cast<const __m128i*>(constants + at)));
    state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, sum);
    state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

// The four words that follow these sixteen.
WITH_SHA inline __attribute__((always_inline)) __m128i next(__m128i first, __m128i second,
                                                            __m128i third, __m128i last) {
    const __m128i sum =
        _mm_add_epi32(_mm_sha256msg1_epu32(first, second), _mm_alignr_epi8(last, third, 4));
    return _mm_sha256msg2_epu32(sum, last);
}

// The unrolling keeps the words in registers.
template <std::size_t lanes>
WITH_SHA inline __attribute__((always_inline)) void
compress(State* const (&states)[lanes], const unsigned char* const (&blocks)[lanes]) {
    State state[lanes];
    __m128i w[lanes][4];
#pragma GCC unroll 2
    for (std::size_t lane = 0; lane < lanes; ++lane)
        state[lane] = *states[lane];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
#pragma GCC unroll 2
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            __m128i& words = w[lane][i % 4];
            words = i < 4 ? big_endian(blocks[lane] + 16 * i)
                          : next(words, w[lane][(i + 1) % 4], w[lane][(i + 2) % 4],
                                 w[lane][(i + 3) % 4]);
            rounds(state[lane], words, 4 * i);
        }
    }
#pragma GCC unroll 2
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        states[lane]->abef = _mm_add_epi32(states[lane]->abef, state[lane].abef);
        states[lane]->cdgh = _mm_add_epi32(states[lane]->cdgh, state[lane].cdgh);
    }
}

WITH_SHA void write(const State& state, Sha256& digest) {
    alignas(16) std::uint32_t abef[4], cdgh[4];
    _mm_store_si128(reinterpret_cast<__m128i*>(abef), state.abef);
    _mm_store_si128(reinterpret_cast<__m128i*>(cdgh), state.cdgh);
    const std::uint32_t words[8] = {abef[3], abef[2], cdgh[3], cdgh[2],
                                    abef[1], abef[0], cdgh[1], cdgh[0]};
    for (std::size_t i = 0; i < 8; ++i) {
        const std::uint32_t word = __builtin_bswap32(words[i]);
        std::memcpy(digest.data() + 4 * i, &word, 4);
    }
}

} // namespace

bool sha256_pair_usable() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & (1u << 29)) != 0;
}

WITH_SHA void sha256_pair(std::string_view first, std::string_view second, Sha256& first_digest,
                          Sha256& second_digest) {
    const Blocks one{first}, other{second};
    State state = initial(), other_state = initial();
    const std::size_t together = std::min(one.count(), other.count());
    for (std::size_t i = 0; i < together; ++i)
        compress<2>({&state, &other_state}, {one.at(i), other.at(i)});
    for (std::size_t i = together; i < one.count(); ++i)
        compress<1>({&state}, {one.at(i)});
    for (std::size_t i = together; i < other.count(); ++i)
        compress<1>({&other_state}, {other.at(i)});
    write(state, first_digest);
    write(other_state, second_digest);
}

} // namespace projections

#else

namespace projections {

bool sha256_pair_usable() { return false; }

void sha256_pair(std::string_view, std::string_view, Sha256&, Sha256&) {
    domain::expects(false, "two hashes at once only where the processor can");
}

} // namespace projections

#endif
