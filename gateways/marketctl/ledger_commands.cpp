// marketctl ledger balances | export

#include "gateways/marketctl/command_line.hpp"
#include "gateways/marketctl/ledger_export.hpp"
#include "schemas/scalars.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <stdexcept>

namespace gateways::marketctl {

namespace {

namespace fs = std::filesystem;
using projections::LedgerContent;
using projections::MemoryLedgerRows;

constexpr const char* ledger_more = R"(
The ledger is folded from the log's beginning into memory, beside a running server or not.
Exit codes: 0 done, 1 the books do not balance, or the log contradicts itself or cannot be read,
2 wrong use, 130 interrupted.)";
constexpr const char* balances_more = R"(
A line for each account and currency that is not at zero: tenant, book, account, amount and
currency, with tabs between. Debits are above zero. A book is a dashboard's; a tenant's own has
no name.
Exit codes: 0 done, 1 the books do not balance, or the log contradicts itself or cannot be read,
2 wrong use, 130 interrupted.
Example:
  marketctl ledger balances --data ./data --tenant acme --account receivable:)";
constexpr const char* export_more = R"(
Every entry of the journal. Accounts are named as in the ledger; what --tenant and --book do not
choose stands before ("acme:operator-t:receivable:user-a"). beancount's names differ, and have the
true one beside them. Dates are in UTC.
Exit codes: 0 done, 1 the books do not balance, or the log contradicts itself or cannot be read,
or FILE cannot be written (it is then left as it was), 2 wrong use, 130 interrupted.
Examples:
  marketctl ledger export --data ./data --tenant acme --format hledger --out acme.journal
  marketctl ledger export --data ./data --tenant acme --format beancount > acme.beancount)";

struct Question {
    std::string tenant, book, account;
    std::string format;
    fs::path out;
    bool of_tenant = false, of_book = false;
};

projections::LedgerFilter filter_of(const Question& question) {
    projections::LedgerFilter filter;
    if (question.of_tenant) filter.tenant = question.tenant;
    if (question.of_book) filter.book = question.book;
    return filter;
}

// Says on stderr what is wrong with all books together.
int judge(const MemoryLedgerRows& rows) {
    int exit_code = 0;
    for (const auto& total : projections::trial_balance(projections::balances(rows, {})))
        if (total.sum() != 0) {
            std::fprintf(stderr, "marketctl: the books do not balance: %s too much\n",
                         projections::amount_text(total.sum(), total.currency).c_str());
            exit_code = 1;
        }
    if (const auto waiting = projections::postings_waiting(rows); waiting > 0)
        std::fprintf(stderr,
                     "marketctl: %llu postings wait for an order or a contract that the log does "
                     "not have yet, and are in no book\n",
                     static_cast<unsigned long long>(waiting));
    return exit_code;
}

int show_balances(const Place& place, const Question& question) {
    const auto log = open_running(place);
    const auto progress = shown_progress();
    MemoryLedgerRows rows{LedgerContent::balances_only};
    fold_whole_ledger(*log, rows, *progress);
    for (const auto& one : projections::balances(rows, filter_of(question), question.account)) {
        if (one.minor == 0) continue;
        std::string amount = projections::amount_text(one.minor, one.currency);
        amount[amount.find(' ')] = '\t';
        print_line(one.tenant + "\t" + one.book + "\t" + one.account + "\t" + amount);
    }
    return judge(rows);
}

class Output {
public:
    explicit Output(const fs::path& file) : file_{file} {
        if (file_.empty()) return;
        beside_ = file_;
        beside_ += ".new";
        stream_ = std::fopen(beside_.c_str(), "wb");
        if (stream_ == nullptr) throw std::runtime_error{beside_.string() + " cannot be written"};
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output() {
        if (stream_ == nullptr) return;
        std::fclose(stream_);
        std::error_code ignored;
        fs::remove(beside_, ignored);
    }

    void write(std::string_view text) {
        std::FILE* to = stream_ != nullptr ? stream_ : stdout;
        if (std::fwrite(text.data(), 1, text.size(), to) != text.size())
            throw std::runtime_error{"the output cannot be written"};
    }
    void finish() {
        if (stream_ == nullptr) return;
        const bool written = std::fclose(stream_) == 0;
        stream_ = nullptr;
        if (!written) {
            std::error_code ignored;
            fs::remove(beside_, ignored);
            throw std::runtime_error{beside_.string() + " cannot be written"};
        }
        fs::rename(beside_, file_);
    }

private:
    const fs::path file_;
    fs::path beside_;
    std::FILE* stream_ = nullptr;
};

int export_all(const Place& place, const Question& question) {
    static const std::map<std::string, LedgerFormat> formats{{"hledger", LedgerFormat::hledger},
                                                             {"beancount", LedgerFormat::beancount},
                                                             {"csv", LedgerFormat::csv}};
    Output output{question.out};
    const auto log = open_running(place);
    const auto progress = shown_progress();
    MemoryLedgerRows rows{LedgerContent::entries};
    fold_whole_ledger(*log, rows, *progress);
    export_ledger(rows, filter_of(question), formats.at(question.format),
                  [&](std::string_view text) { output.write(text); });
    output.finish();
    return judge(rows);
}

void add_filter(CLI::App& command, const std::shared_ptr<Question>& question) {
    command.add_option("--tenant", question->tenant, "Only this tenant's");
    command.add_option("--book", question->book, "Only this book; \"\" is the tenant's own");
}

void note_filter(const CLI::App& command, Question& question) {
    question.of_tenant = command.count("--tenant") > 0;
    question.of_book = command.count("--book") > 0;
}

} // namespace

void add_ledger_commands(CLI::App& program, Action& chosen) {
    CLI::App& ledger = add_command(program, "ledger", "Show and export the books", ledger_more);
    ledger.require_subcommand(1);

    CLI::App& balances_command =
        add_command(ledger, "balances", "What stands on each account", balances_more);
    const auto balances_question = std::make_shared<Question>();
    add_filter(balances_command, balances_question);
    balances_command.add_option("--account", balances_question->account,
                                "Only accounts whose names begin so");
    balances_command.callback([&chosen, &balances_command, question = balances_question,
                               place = add_place(balances_command)] {
        note_filter(balances_command, *question);
        chosen = [place, question] { return show_balances(*place, *question); };
    });

    CLI::App& export_command =
        add_command(ledger, "export", "Write the journal for another program", export_more);
    const auto export_question = std::make_shared<Question>();
    add_filter(export_command, export_question);
    export_command.add_option("--format", export_question->format, "hledger, beancount or csv")
        ->check(CLI::IsMember({"hledger", "beancount", "csv"}))
        ->required();
    export_command.add_option("--out", export_question->out, "A file instead of stdout");
    export_command.callback(
        [&chosen, &export_command, question = export_question, place = add_place(export_command)] {
            note_filter(export_command, *question);
            chosen = [place, question] { return export_all(*place, *question); };
        });
}

} // namespace gateways::marketctl
