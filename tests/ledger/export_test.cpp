// hledger, beancount and a reader of CSV agree with our balances, to the unit, on what the program
// exports of thousands of entries.

#include "gateways/marketctl/ledger_export.hpp"
#include "tests/ledger/ledger_log.hpp"
#include "tests/ledger/random_story.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

namespace tests {

namespace {

namespace fs = std::filesystem;
using gateways::marketctl::account_kind;
using gateways::marketctl::AccountKind;
using gateways::marketctl::exported_account;
using gateways::marketctl::LedgerFormat;
using projections::AccountBalance;
using projections::LedgerFilter;
using testing::HasSubstr;

struct Finished {
    int status = -1;
    std::string output;
};

Finished shell(const std::string& command) {
    Finished finished;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error{"no shell"};
    std::array<char, 4096> bytes;
    while (const std::size_t size = std::fread(bytes.data(), 1, bytes.size(), pipe))
        finished.output.append(bytes.data(), size);
    finished.status = ::pclose(pipe);
    return finished;
}

// "account currency" and the smallest units.
using Sums = std::map<std::string, std::string>;

std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (const char c : line) {
        if (c == '"')
            quoted = !quoted;
        else if (c == ',' && !quoted)
            fields.emplace_back();
        else if (c != '\r')
            fields.back() += c;
    }
    return fields;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);)
        lines.push_back(std::move(line));
    return lines;
}

// A decimal number without its point: "-1.50" of a currency with two decimals is "-150".
std::string units(std::string amount, const std::string& currency) {
    const std::size_t decimals = currency == "USD" || currency == "EUR" ? 2 : 7;
    const std::size_t point = amount.find('.');
    std::size_t given = 0;
    if (point != amount.npos) {
        given = amount.size() - point - 1;
        amount.erase(point, 1);
    }
    EXPECT_LE(given, decimals) << amount;
    amount.append(decimals - given, '0');
    const bool negative = amount.starts_with('-');
    if (negative) amount.erase(0, 1);
    amount.erase(0, std::min(amount.find_first_not_of('0'), amount.size() - 1));
    return negative && amount != "0" ? "-" + amount : amount;
}

class Export : public testing::Test {
protected:
    static void SetUpTestSuite() {
        story_ = std::make_unique<RandomStory>(7, 180);
        rows_ = std::make_unique<projections::MemoryLedgerRows>();
        fold(story_->told().records(), *rows_);
    }
    static void TearDownTestSuite() {
        story_.reset();
        rows_.reset();
    }

    fs::path file(const LedgerFilter& filter, LedgerFormat format, const std::string& name) {
        const fs::path path = folder_.path() / name;
        std::ofstream stream{path, std::ios::binary};
        gateways::marketctl::export_ledger(*rows_, filter, format,
                                           [&](std::string_view text) { stream << text; });
        return path;
    }

    // Ours, under the names that `named` gives.
    template <class Named>
    static Sums ours(const LedgerFilter& filter, Named named) {
        Sums sums;
        const auto all = projections::balances(*rows_, filter);
        for (std::size_t i = 0; i < all.size(); ++i)
            if (all[i].minor != 0)
                sums[named(all[i], i) + " " +
                     std::string{schemas::currency_name(all[i].currency)}] =
                    projections::number_text(all[i].minor);
        return sums;
    }
    static Sums ours(const LedgerFilter& filter) {
        return ours(filter, [&](const AccountBalance& one, std::size_t) {
            return exported_account(filter, one.tenant, one.book, one.account);
        });
    }

    static std::unique_ptr<RandomStory> story_;
    static std::unique_ptr<projections::MemoryLedgerRows> rows_;
    TemporaryFolder folder_;
};
std::unique_ptr<RandomStory> Export::story_;
std::unique_ptr<projections::MemoryLedgerRows> Export::rows_;

const LedgerFilter everything, one_tenant{"acme", {}}, one_book{"acme", "operator-t"};

Sums of_hledger(const fs::path& journal) {
    const std::string command = "hledger -f " + journal.string();
    const Finished checked = shell(command + " check --strict");
    EXPECT_EQ(checked.status, 0) << checked.output.substr(0, 2000);
    const Finished finished =
        shell(command + " balance --flat --no-total --layout=bare --output-format=csv");
    EXPECT_EQ(finished.status, 0) << finished.output.substr(0, 2000);
    Sums sums;
    for (const std::string& line : lines_of(finished.output)) {
        const auto fields = fields_of(line);
        if (fields.size() != 3 || fields[0] == "account") continue;
        const std::string amount = units(fields[2], fields[1]);
        if (amount != "0") sums[fields[0] + " " + fields[1]] = amount;
    }
    return sums;
}

TEST_F(Export, HledgerAgrees) {
    ASSERT_GT(entries_of(*rows_).size(), 5000U);
    for (const LedgerFilter& filter : {everything, one_tenant, one_book}) {
        const Sums sums = of_hledger(file(filter, LedgerFormat::hledger, "all.journal"));
        EXPECT_GT(sums.size(), 100U);
        EXPECT_EQ(sums, ours(filter));
    }
}

TEST_F(Export, HledgerKnowsWhatKindAnAccountIs) {
    const fs::path journal = file(one_book, LedgerFormat::hledger, "one.journal");
    const Finished finished = shell("hledger -f " + journal.string() + " accounts type:L");
    EXPECT_EQ(finished.status, 0) << finished.output;
    EXPECT_THAT(finished.output, HasSubstr("deferred:"));
    EXPECT_THAT(finished.output, testing::Not(HasSubstr("receivable:")));
}

Sums of_beancount(const fs::path& journal) {
    const Finished finished =
        shell(SOURCE_DIR "/tests/ledger/beancount_balances.py " + journal.string());
    EXPECT_EQ(finished.status, 0) << finished.output.substr(0, 2000);
    Sums sums;
    for (const std::string& line : lines_of(finished.output)) {
        const auto fields = fields_of(line);
        if (fields.size() != 3) continue;
        const std::string amount = units(fields[2], fields[1]);
        if (amount != "0") sums[fields[0] + " " + fields[1]] = amount;
    }
    return sums;
}

TEST_F(Export, BeancountAgrees) {
    for (const LedgerFilter& filter : {everything, one_tenant, one_book}) {
        const auto names =
            gateways::marketctl::beancount_accounts(filter, projections::balances(*rows_, filter));
        const Sums sums = of_beancount(file(filter, LedgerFormat::beancount, "all.beancount"));
        EXPECT_EQ(sums,
                  ours(filter, [&](const AccountBalance&, std::size_t i) { return names[i]; }));
    }
}

TEST_F(Export, BeancountNamesAreNeverShared) {
    std::vector<AccountBalance> all;
    for (const char* account :
         {"receivable:user-a", "receivable:user.a", "receivable:User-a", "receivable:user_a",
          "receivable:user-a-2", "tft.chain", "tft-chain", "1:%"})
        for (const auto currency : {domain::Currency::usd, domain::Currency::tft})
            all.push_back({"acme", "operator-t", account, currency, 1});
    const auto names = gateways::marketctl::beancount_accounts(one_book, all);
    EXPECT_EQ(std::set(names.begin(), names.end()).size(), 8U);
    for (std::size_t i = 0; i < names.size(); i += 2)
        EXPECT_EQ(names[i], names[i + 1]);
    EXPECT_EQ(names[0], "Assets:Receivable:User-a");
}

TEST_F(Export, CsvAddsUpToTheSame) {
    std::ifstream stream{file(one_tenant, LedgerFormat::csv, "all.csv")};
    std::map<std::string, domain::Int128> units_of;
    std::size_t lines = 0;
    for (std::string line; std::getline(stream, line);) {
        EXPECT_TRUE(line.ends_with('\r'));
        const auto fields = fields_of(line);
        ASSERT_EQ(fields.size(), 9U) << line;
        if (lines++ == 0) continue;
        std::int64_t minor = 0;
        std::from_chars(fields[8].data(), fields[8].data() + fields[8].size(), minor);
        EXPECT_EQ(units(fields[6], fields[7]), fields[8]);
        EXPECT_EQ(fields[1], "acme");
        units_of[exported_account(one_tenant, fields[1], fields[2], fields[5]) + " " + fields[7]] +=
            minor;
    }
    Sums sums;
    for (const auto& [account, sum] : units_of)
        if (sum != 0) sums[account] = projections::number_text(sum);
    EXPECT_EQ(sums, ours(one_tenant));
}

TEST(AccountKind, IsKnownByTheFirstWord) {
    EXPECT_EQ(account_kind("receivable:user-a"), AccountKind::asset);
    EXPECT_EQ(account_kind("tft.chain"), AccountKind::asset);
    EXPECT_EQ(account_kind("deferred:d1"), AccountKind::liability);
    EXPECT_EQ(account_kind("revenue:operator-t"), AccountKind::income);
    EXPECT_EQ(account_kind("fees.card"), AccountKind::expense);
    EXPECT_EQ(account_kind("grid.cost:d1"), AccountKind::expense);
    EXPECT_EQ(account_kind("memo.farm:7"), AccountKind::equity);
    EXPECT_EQ(account_kind("receivables"), AccountKind::equity);
}

class Program : public Export {
protected:
    Program() {
        const auto log = ledger_log(folder_.path() / "log");
        append(*log, story_->told().records());
    }
    Finished run(const std::string& arguments) {
        return shell(MARKETCTL " ledger " + arguments + " --data " + folder_.path().string());
    }
};

TEST_F(Program, ShowsBalances) {
    const Finished finished = run("balances --tenant acme --book operator-t --account receivable:");
    EXPECT_EQ(finished.status, 0) << finished.output;
    Sums sums, expected;
    for (const std::string& line : lines_of(finished.output)) {
        std::istringstream words{line};
        std::string tenant, book, account, amount, currency;
        words >> tenant >> book >> account >> amount >> currency;
        sums[account + " " + currency] = units(amount, currency);
    }
    for (const auto& [account, sum] : ours(one_book))
        if (account.starts_with("receivable:")) expected[account] = sum;
    EXPECT_GT(expected.size(), 3U);
    EXPECT_EQ(sums, expected);
}

TEST_F(Program, ExportsToAFileThatHledgerReads) {
    const fs::path out = folder_.path() / "acme.journal";
    const Finished finished = run("export --tenant acme --format hledger --out " + out.string());
    EXPECT_EQ(finished.status, 0) << finished.output;
    EXPECT_EQ(finished.output, "");
    EXPECT_EQ(of_hledger(out), ours(one_tenant));
    EXPECT_FALSE(fs::exists(out.string() + ".new"));
}

TEST_F(Program, ExportsToStdoutThatBeancountReads) {
    const fs::path out = folder_.path() / "acme.beancount";
    const Finished finished = run("export --format beancount > " + out.string());
    EXPECT_EQ(finished.status, 0) << finished.output;
    EXPECT_GT(of_beancount(out).size(), 100U);
    const Finished checked = shell("bean-check " + out.string());
    EXPECT_EQ(checked.status, 0) << checked.output.substr(0, 2000);
    EXPECT_EQ(checked.output, "");
}

TEST_F(Program, RefusesWhatItCannotDo) {
    EXPECT_EQ(run("export --format xls").status, 2 << 8);
    EXPECT_EQ(run("export").status, 2 << 8);
    EXPECT_EQ(run("export --format csv --out /nowhere/acme.csv").status, 1 << 8);
    EXPECT_EQ(shell(MARKETCTL " ledger balances --data /nowhere").status, 1 << 8);
    EXPECT_EQ(shell(MARKETCTL " ledger export --help").status, 0);
}

} // namespace

} // namespace tests
