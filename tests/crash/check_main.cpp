// campaign_check: see --help.

#include "bus/embedded/embedded.hpp"
#include "bus/kafka/kafka.hpp"
#include "gateways/market/identity.hpp"
#include "tests/crash/audit.hpp"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <thread>

namespace {

using tests::crash::Audit;

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::chrono::milliseconds wait{200};

constexpr const char* footer = R"(
Without --follow it checks once: 0 when all is well, 1 when something is wrong (each finding is
a line), 2 when it could not look.
With --follow it checks at every line on stdin, only what was added since; it answers with a line
that begins with "ok" or "wrong", and ends with the same codes when stdin ends.)";

// The events of a log, from where it stood last time to the end of now.
class Events {
public:
    Events(std::string kind, std::string data, bus::kafka::Options kafka)
        : kind_{std::move(kind)}, data_{std::move(data)}, kafka_{std::move(kafka)} {}

    int partitions() {
        open();
        return log_->partitions();
    }

    void read_to_end(Audit& audit) {
        open();
        std::vector<bus::Offset> ends;
        for (int i = 0; i < log_->partitions(); ++i) {
            ends.push_back(log_->end(bus::Topic::events, i));
            if (next_.size() < ends.size()) next_.push_back({i, 0});
        }
        const auto reader = log_->read(bus::Topic::events, next_);
        for (;;) {
            next_ = reader->position();
            bool all = true;
            for (const auto& [partition, offset] : next_)
                all = all && offset >= ends[static_cast<std::size_t>(partition)];
            if (all) break;
            for (const bus::Record& record : reader->read(block_bytes, wait))
                audit.logged(record.partition, record.offset, record.value);
        }
    }

    // Beside a running server an embedded log is seen as it was when it was opened.
    void forget() {
        if (kind_ == "embedded") log_.reset();
    }

private:
    void open() {
        if (log_) return;
        if (kind_ == "kafka") {
            log_ = bus::kafka::open(kafka_);
            return;
        }
        bus::embedded::Options options;
        options.folder = data_ + "/log";
        options.read_only = true;
        for (int tries = 5; !log_;)
            try {
                log_ = bus::embedded::open(options);
            } catch (const bus::Error&) {
                // What is written just now can look like damage; then it is whole in a moment.
                if (--tries == 0) throw;
                std::this_thread::sleep_for(wait / 10);
            }
    }

    std::string kind_, data_;
    bus::kafka::Options kafka_;
    std::unique_ptr<bus::Log> log_;
    std::vector<bus::PartitionOffset> next_;
};

// Lines of a file that somebody else appends to.
class Lines {
public:
    explicit Lines(const std::string& path) : file_{path} {
        if (!file_) throw std::runtime_error{"cannot read " + path};
    }

    void read_to_end(Audit& audit) {
        file_.clear();
        for (std::string part; std::getline(file_, part);) {
            line_ += part;
            if (file_.eof()) break; // Its end is not there yet.
            audit.journal(line_);
            line_.clear();
        }
    }

private:
    std::ifstream file_;
    std::string line_;
};

void tell(const Audit& audit, std::size_t& told) {
    for (; told < audit.findings().size(); ++told)
        std::cout << "  " << audit.findings()[told] << '\n';
    const Audit::Counts counts = audit.counts();
    std::cout << (audit.violations() == 0 ? "ok" : "wrong") << ' ' << audit.violations()
              << " violations, sent " << counts.sent << " acknowledged " << counts.acknowledged
              << " accepted " << counts.accepted << " refused " << counts.refused << " repeats "
              << counts.repeats << " reused " << counts.reused << " unanswered-done "
              << counts.unanswered_done << " unanswered-not-done " << counts.unanswered_not_done
              << " events " << counts.events << std::endl;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Compares what campaign_client was told with what stands in the log.",
                 "campaign_check"};
    app.footer(footer);
    std::string kind = "embedded", data, journal, tenant, subject;
    bus::kafka::Options kafka;
    bool follow = false;
    app.add_option("--journal", journal, "Of campaign_client")->required();
    app.add_option("--log", kind, "Where the events are")
        ->check(CLI::IsMember({"embedded", "kafka"}))
        ->capture_default_str();
    app.add_option("--data", data, "Folder given to marketd");
    app.add_option("--kafka-brokers", kafka.brokers, "host:port");
    app.add_option("--kafka-prefix", kafka.prefix, "Before the topics' names");
    app.add_option("--partitions", kafka.partitions, "Of the log on Kafka")->capture_default_str();
    app.add_option("--tenant", tenant, "Of the client's token")->required();
    app.add_option("--subject", subject, "Of the client's token")->required();
    app.add_flag("--follow", follow, "Checks again at every line on stdin");
    CLI11_PARSE(app, argc, argv);
    try {
        Events events{kind, data, std::move(kafka)};
        Lines lines{journal};
        Audit audit{events.partitions(),
                    {[=](std::string_view path, std::string_view key) {
                         return gateways::market::command_id(tenant, subject, path, key);
                     },
                     [](std::string_view id) { return gateways::market::resource_id(id); }}};
        events.forget();
        std::size_t told = 0;
        const auto check = [&] {
            // The journal first: what it says was acknowledged by then has to be in the log.
            lines.read_to_end(audit);
            events.read_to_end(audit);
            events.forget();
            audit.compare();
        };
        if (follow)
            for (std::string order; std::getline(std::cin, order);) {
                check();
                tell(audit, told);
            }
        else {
            check();
            check(); // The client has ended: now the journal is whole.
            tell(audit, told);
        }
        return audit.violations() == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::cout << "wrong: " << error.what() << std::endl;
        return 2;
    }
}
