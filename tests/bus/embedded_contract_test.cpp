// The embedded log keeps every promise; its files are damaged and its disk is filled for real.

#include "bus/embedded/embedded.hpp"
#include "tests/bus/contract.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>
#include <utility>

namespace tests {

namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const fs::path& path, const std::string& bytes) {
    std::ofstream file{path, std::ios::binary | std::ios::trunc};
    file << bytes;
    if (!file.flush()) throw std::runtime_error{path.string() + " cannot be written"};
}

class EmbeddedStorage final : public LogStorage {
public:
    explicit EmbeddedStorage(std::size_t segment_bytes) : segment_bytes_{segment_bytes} {
        std::string pattern = (fs::temp_directory_path() / "embedded-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{pattern};
        folder_ = pattern;
        // A disk of its own, small enough to be filled.
        mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=16m") == 0;
    }
    ~EmbeddedStorage() override {
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    std::unique_ptr<bus::Log> open(int partitions) override {
        bus::embedded::Options options;
        options.folder = folder_ / "log";
        options.partitions = partitions;
        options.segment_bytes = segment_bytes_;
        options.posted_bytes_max = 1 << 20;
        return bus::embedded::open(options);
    }

    std::string cannot_fill() const override {
        return mounted_ ? "" : "a small disk can be mounted by root only";
    }
    void fill_disk() override {
        std::ofstream ballast{folder_ / "ballast", std::ios::binary};
        const std::string block(64 * 1024, 'x');
        while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void make_room() override { fs::remove(folder_ / "ballast"); }

    std::string cannot_damage() const override { return {}; }
    int torn_ways() const override { return 6; }

    void tear_last(int way) override {
        const fs::path file = last_segment();
        std::string bytes = bytes_of(file);
        const std::size_t begin = bytes.rfind("MKTB");
        const std::size_t end = bytes.find_last_not_of('\0') + 1;
        const std::size_t middle = begin + (end - begin) / 2;
        switch (way) {
        case 0: std::fill(bytes.begin() + at(middle), bytes.end(), '\0'); break;
        case 1: // Only its end reached the disk.
            std::fill(bytes.begin() + at(begin), bytes.begin() + at(middle), '\0');
            break;
        case 2: std::fill(bytes.begin() + at(middle), bytes.begin() + at(end), '\xa5'); break;
        case 3: // Only a part of its head did.
            std::fill(bytes.begin() + at(begin + 6), bytes.end(), '\0');
            break;
        case 4: bytes[end - 1] = static_cast<char>(bytes[end - 1] ^ 1); break;
        default: // A block of 512 bytes in its middle did not.
            std::fill(bytes.begin() + at(middle), bytes.begin() + at(middle + 512), '\0');
        }
        write(file, bytes);
    }

    void change_a_byte_in_the_middle() override {
        const fs::path file = last_segment();
        std::string bytes = bytes_of(file);
        const std::size_t found = bytes.find("value5");
        if (found == std::string::npos) throw std::runtime_error{"no such record"};
        bytes[found] = static_cast<char>(bytes[found] ^ 0x20);
        write(file, bytes);
    }

private:
    static std::ptrdiff_t at(std::size_t place) { return static_cast<std::ptrdiff_t>(place); }

    fs::path last_segment() const {
        std::vector<fs::path> files;
        for (const auto& file : fs::directory_iterator{folder_ / "log"})
            if (file.path().extension() == ".segment") files.push_back(file.path());
        return *std::ranges::max_element(files);
    }

    const std::size_t segment_bytes_;
    fs::path folder_;
    bool mounted_ = false;
};

LogKind segments_of(const std::string& name, std::size_t bytes) {
    return {name, [bytes] { return std::make_unique<EmbeddedStorage>(bytes); }};
}

// Small segments, so that a test passes from one to the next many times.
INSTANTIATE_TEST_SUITE_P(Embedded, LogContract,
                         testing::Values(segments_of("small_segments", 64 << 10),
                                         segments_of("one_segment", 2 << 20)),
                         kind_name);

} // namespace

} // namespace tests
