#include "bus/embedded/embedded.hpp"
#include "projections/resources_view.hpp"
#include "tests/support/processing.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace projections {

namespace {

using namespace tests;

TEST(Resources, NameEachTenantOnce) {
    const TemporaryFolder temporary;
    const auto log = bus::embedded::open(
        {.folder = temporary.path() / "log", .partitions = 2, .segment_bytes = 1 << 20});
    MemoryStore store;
    Processing processing{*log, store};
    std::vector<std::unique_ptr<ViewFold>> folds;
    folds.push_back(std::make_unique<ResourcesView>(tally_registry()));
    Views views{*log, temporary.path() / "views", std::move(folds), {}};
    const auto tenants = [&] {
        const auto rows = views.rows(ResourcesView::view_name);
        return Resources{*rows, tally_registry()}.tenants();
    };
    EXPECT_THAT(tenants(), testing::IsEmpty());
    // One name begins another, and one is longer than a byte counts.
    const std::vector<std::string> names{"a", "aa", "b", "z", std::string(300, 'a')};
    int next = 0;
    for (int round = 0; round < 3; ++round)
        for (const std::string& name : names) {
            const std::string number = std::to_string(next++);
            processing.ask("c" + number, "tally-" + number, Add{1}, name);
        }
    views.start();
    while (!views.caught_up())
        std::this_thread::yield();
    EXPECT_THAT(tenants(), testing::UnorderedElementsAreArray(names));
}

} // namespace

} // namespace projections
