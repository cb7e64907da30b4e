// The store in RocksDB: what becomes of rows that another version of the program wrote.

#include "projections/store.hpp"

#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace projections {

namespace {

constexpr std::size_t cache_bytes = 1 << 20;

class RocksdbStoreTest : public testing::Test {
protected:
    RocksdbStoreTest() {
        const auto store = open_rocksdb_store(temporary.path() / "0", 1, cache_bytes);
        const RowWrite first{"tally-1", "a row"};
        store->write(2, {&first, 1}, Stamp{5, {}});
        store->persist();
    }

    tests::TemporaryFolder temporary;
    std::string row;
};

TEST_F(RocksdbStoreTest, KeepsItsRows) {
    const auto store = open_rocksdb_store(temporary.path() / "0", 1, cache_bytes);
    EXPECT_TRUE(store->get(2, "tally-1", row));
    EXPECT_EQ(store->stamp(2).next, 5);
}

TEST_F(RocksdbStoreTest, IsMadeAnewWhenItsRowsHaveAnotherLayout) {
    {
        const auto store = open_rocksdb_store(temporary.path() / "0", 2, cache_bytes);
        EXPECT_FALSE(store->get(2, "tally-1", row));
        EXPECT_EQ(store->stamp(2), Stamp{});
        const RowWrite other{"tally-2", "another"};
        store->write(2, {&other, 1}, Stamp{1, {}});
        store->persist();
    }
    const auto store = open_rocksdb_store(temporary.path() / "0", 2, cache_bytes);
    EXPECT_TRUE(store->get(2, "tally-2", row));
}

TEST_F(RocksdbStoreTest, IsLeftAloneByWhoOnlyLooks) {
    EXPECT_THROW(open_rocksdb_store(temporary.path() / "0", 2, cache_bytes, OtherLayout::refuse),
                 std::runtime_error);
    const auto store = open_rocksdb_store(temporary.path() / "0", 1, cache_bytes);
    EXPECT_TRUE(store->get(2, "tally-1", row));
}

} // namespace

} // namespace projections
