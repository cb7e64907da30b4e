// A backlog on Kafka: puts commands for payments into `commands`, starts a server on them, and
// takes the time from the first outcome to the last as a reader of committed records sees them.
// Reads all outcomes once more afterwards and checks every one.
//
// Bare librdkafka where it can be: the reader must not be what limits the server.

#include "bus/kafka/kafka.hpp"
#include "schemas/envelope.hpp"
#include "tests/bench/payments.hpp"
#include "tests/bench/process.hpp"

#include <librdkafka/rdkafka.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    std::string brokers = "127.0.0.1:19092", prefix;
    int partitions = 8;
    std::uint64_t payments = 200'000;
    int patience_seconds = 120;
    std::vector<std::string> server; // Its command line.
};

struct Destroy {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using Client = std::unique_ptr<rd_kafka_t, Destroy>;

using Settings = std::vector<std::pair<const char*, std::string>>;

Client client(rd_kafka_type_t type, const Options& options, const Settings& settings) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    std::array<char, 256> why{};
    const auto set = [&](const char* key, const std::string& value) {
        if (rd_kafka_conf_set(conf, key, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK)
            throw std::runtime_error{why.data()};
    };
    set("bootstrap.servers", options.brokers);
    set("socket.nagle.disable", "true");
    for (const auto& [key, value] : settings)
        set(key, value);
    Client made{rd_kafka_new(type, conf, why.data(), why.size())};
    if (!made) throw std::runtime_error{why.data()};
    return made;
}

void produce(const Options& options, const std::string& reply) {
    // Makes the topics as marketd would.
    bus::kafka::Options log;
    log.brokers = options.brokers;
    log.prefix = options.prefix;
    log.partitions = options.partitions;
    bus::kafka::open(log);
    const Client producer = client(RD_KAFKA_PRODUCER, options,
                                   {{"enable.idempotence", "true"},
                                    {"linger.ms", "20"},
                                    {"queue.buffering.max.messages", "10000000"},
                                    {"queue.buffering.max.kbytes", "1000000"}});
    const std::unique_ptr<rd_kafka_topic_t, Destroy> topic{
        rd_kafka_topic_new(producer.get(), (options.prefix + "commands").c_str(), nullptr)};
    Story story{options.payments, "backlog"};
    std::string value;
    for (std::uint64_t i = 0; i < story.size(); ++i) {
        const Command command = story.next();
        schemas::CommandView view;
        view.id = command.id;
        view.type = command.type;
        view.stream = command.stream;
        view.time = {1'790'000'000'000 + static_cast<std::int64_t>(i)};
        view.tenant = "acme";
        view.actor = "bench";
        view.reply = reply;
        value.clear();
        schemas::write_command(view, command.data, value);
        if (rd_kafka_produce(topic.get(), bus::partition_of(command.stream, options.partitions),
                             RD_KAFKA_MSG_F_COPY, value.data(), value.size(), command.stream.data(),
                             command.stream.size(), nullptr) != 0)
            throw std::runtime_error{rd_kafka_err2str(rd_kafka_last_error())};
        rd_kafka_poll(producer.get(), 0);
    }
    if (rd_kafka_flush(producer.get(), 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw std::runtime_error{"the broker did not take the backlog"};
}

// Follows all partitions of `outcomes` from their beginning.
class Outcomes {
public:
    explicit Outcomes(const Options& options)
        : client_{client(RD_KAFKA_CONSUMER, options,
                         {{"group.id", "bench-reader"},
                          {"enable.auto.commit", "false"},
                          {"isolation.level", "read_committed"},
                          {"enable.partition.eof", "true"},
                          {"queued.min.messages", "1000000"},
                          {"queued.max.messages.kbytes", "300000"}})} {
        rd_kafka_poll_set_consumer(client_.get());
        queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
        rd_kafka_topic_partition_list_t* all =
            rd_kafka_topic_partition_list_new(options.partitions);
        for (int i = 0; i < options.partitions; ++i)
            rd_kafka_topic_partition_list_add(all, (options.prefix + "outcomes").c_str(), i)
                ->offset = 0;
        rd_kafka_assign(client_.get(), all);
        rd_kafka_topic_partition_list_destroy(all);
    }

    // Waits a little for records; `each` hears their values. Returns how many there were.
    template <class Each>
    std::size_t take(Each each) {
        const auto count = std::max<ssize_t>(
            0, rd_kafka_consume_batch_queue(queue_.get(), 50, messages_.data(), messages_.size()));
        std::size_t records = 0;
        for (rd_kafka_message_t* message :
             std::span{messages_}.first(static_cast<std::size_t>(count))) {
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                ends_.insert(message->partition);
            } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                each(std::string_view{static_cast<const char*>(message->payload), message->len});
                ++records;
            } else {
                throw std::runtime_error{rd_kafka_message_errstr(message)};
            }
            rd_kafka_message_destroy(message);
        }
        return records;
    }
    // Partitions whose end was met at least once.
    std::size_t ends() const { return ends_.size(); }

private:
    Client client_;
    std::unique_ptr<rd_kafka_queue_t, Destroy> queue_;
    std::vector<rd_kafka_message_t*> messages_ = std::vector<rd_kafka_message_t*>(20'000);
    std::set<int> ends_;
};

class Server {
public:
    explicit Server(std::vector<std::string> line) {
        std::vector<char*> words;
        for (std::string& word : line)
            words.push_back(word.data());
        words.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(STDERR_FILENO, STDOUT_FILENO); // Standard output is for the result.
            ::execv(words[0], words.data());
            std::perror(words[0]);
            ::_exit(127);
        }
    }
    ~Server() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    int pid() const { return pid_; }
    bool ended() {
        if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
        return pid_ <= 0;
    }
    void stop() {
        ::kill(pid_, SIGTERM);
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            throw std::runtime_error{"the server did not end cleanly"};
    }

private:
    int pid_ = -1;
};

// Each command answered once, accepted, with the version that it leads to.
void check(const Options& options) {
    Outcomes outcomes{options};
    schemas::EnvelopeReader reader;
    std::vector<std::uint8_t> answered(Story::steps * options.payments);
    std::uint64_t count = 0;
    const auto one = [&](std::string_view value) {
        const auto outcome = reader.outcome(value).value();
        const auto last = outcome.command.rfind('-');
        const auto first = outcome.command.find('-');
        std::uint64_t payment = 0;
        std::from_chars(outcome.command.data() + first + 1, outcome.command.data() + last, payment);
        const auto step = static_cast<std::uint64_t>(outcome.command.back() - '0');
        if (!outcome.rejection.empty() || outcome.sequence != step || outcome.replayed)
            throw std::runtime_error{"wrong outcome: " + std::string{value}};
        if (answered.at(Story::steps * payment + step - 1)++ != 0)
            throw std::runtime_error{"answered twice: " + std::string{value}};
        ++count;
    };
    while (outcomes.ends() < static_cast<std::size_t>(options.partitions))
        outcomes.take(one);
    if (count != answered.size())
        throw std::runtime_error{std::to_string(count) + " outcomes for " +
                                 std::to_string(answered.size()) + " commands"};
}

void run(const Options& options) {
    const std::string reply = "bench-" + std::to_string(std::random_device{}());
    std::cerr << "bench_backlog: putting " << Story::steps * options.payments
              << " commands into the log\n";
    produce(options, reply);

    Outcomes outcomes{options};
    Server server{options.server};
    const std::uint64_t wanted = Story::steps * options.payments;
    std::uint64_t seen = 0;
    auto first = Clock::now();
    auto last = first;
    while (seen < wanted) {
        const std::size_t more = outcomes.take([](std::string_view) {});
        const auto now = Clock::now();
        if (more > 0) {
            if (seen == 0) first = now;
            last = now;
            seen += more;
        } else if (server.ended() || now - last > std::chrono::seconds{options.patience_seconds}) {
            throw std::runtime_error{"no more outcomes after " + std::to_string(seen) + " of " +
                                     std::to_string(wanted)};
        }
    }
    const double cpu = cpu_seconds(server.pid());
    const double memory = memory_mb(server.pid(), "VmHWM");
    server.stop();
    check(options);
    const double elapsed = std::chrono::duration<double>(last - first).count();
    const auto count = static_cast<double>(wanted);
    std::cout << "{\"commands\": " << wanted << ", \"seconds\": " << elapsed
              << ", \"per_second\": " << count / elapsed
              << ", \"server_cpu_us\": " << cpu / count * 1e6
              << ", \"server_memory_mb\": " << memory << "}\n";
}

} // namespace

} // namespace bench

int main(int argc, char** argv) {
    bench::Options options;
    CLI::App app{"Lets a server work off a backlog of commands on Kafka, checks all outcomes, and "
                 "prints one line of JSON.\nCPU is that of the server since its start, memory its "
                 "peak.",
                 "bench_backlog"};
    app.add_option("--brokers", options.brokers, "host:port")->capture_default_str();
    app.add_option("--prefix", options.prefix, "Of the topics; not used before")->required();
    app.add_option("--partitions", options.partitions, "Of each topic")->capture_default_str();
    app.add_option("--payments", options.payments, "Of three commands each")->capture_default_str();
    app.add_option("--patience", options.patience_seconds, "Seconds without an outcome")
        ->capture_default_str();
    app.add_option("server", options.server, "After --, the server's command line")->required();
    CLI11_PARSE(app, argc, argv);
    try {
        bench::run(options);
    } catch (const std::exception& error) {
        std::cerr << "bench_backlog: " << error.what() << "\n";
        return 1;
    }
}
