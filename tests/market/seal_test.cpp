// The key that quotes and links to pay are sealed with.

#include "gateways/market/seal.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <sys/stat.h>
#include <thread>
#include <vector>

namespace tests {

namespace {

using gateways::market::Seal;

TEST(SealKey, IsMadeOnceForItsOwnerAlone) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "quote.key";
    const mode_t mask = ::umask(0);
    const Seal first{file};
    ::umask(mask);
    struct stat status {};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(status.st_size, 32);
    EXPECT_EQ(Seal{file}.open("quote", first.seal("quote", "terms")), "terms");
    EXPECT_EQ(Seal{file}.open("pay", first.seal("quote", "terms")), std::nullopt);
}

TEST(SealKey, IsTheSameForAllWhoStartTogether) {
    const TemporaryFolder folder;
    std::vector<std::string> sealed(8);
    std::vector<std::thread> starting;
    for (std::string& one : sealed)
        starting.emplace_back([&] { one = Seal{folder.path() / "quote.key"}.seal("quote", "x"); });
    for (std::thread& one : starting)
        one.join();
    EXPECT_EQ(std::vector<std::string>(8, sealed.front()), sealed);
    using Files = std::filesystem::directory_iterator;
    EXPECT_EQ(std::distance(Files{folder.path()}, Files{}), 1);
}

TEST(SealKey, ThatCannotBeMadeOrIsCutOffIsNamed) {
    const TemporaryFolder folder;
    const auto why = [](const std::filesystem::path& file) -> std::string {
        try {
            const Seal seal{file};
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return {};
    };
    const auto nowhere = folder.path() / "none" / "quote.key";
    EXPECT_EQ(why(nowhere), nowhere.string() + ": No such file or directory");
    const auto file = folder.path() / "quote.key";
    const Seal made{file};
    std::filesystem::resize_file(file, 31);
    EXPECT_EQ(why(file), file.string() + " has to hold 32 bytes");
}

} // namespace

} // namespace tests
