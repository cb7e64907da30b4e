#include "tests/crash/client.hpp"

#include "tests/crash/worker.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace tests::crash {

namespace {

constexpr std::size_t known_max = 20'000;

} // namespace

Journal::Journal(const std::string& path)
    : file_{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)} {
    if (file_ < 0) throw std::system_error{errno, std::generic_category(), path};
}

Journal::~Journal() { ::close(file_); }

void Journal::flush() {
    std::string_view rest = lines_;
    while (!rest.empty()) {
        const ssize_t written = ::write(file_, rest.data(), rest.size());
        if (written < 0) throw std::system_error{errno, std::generic_category(), "the journal"};
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    lines_.clear();
}

Client::Client(load::Loop& loop, Journal& journal, ClientOptions options)
    : loop_{loop},
      journal_{journal},
      options_{std::move(options)},
      random_{options_.seed},
      filled_at_{load::Clock::now()} {
    for (std::size_t i = 0; i < options_.connections; ++i)
        workers_.push_back(std::make_unique<Worker>(*this, i));
}

Client::~Client() = default;

void Client::drive() {
    const auto now = load::Clock::now();
    const double rate = static_cast<double>(options_.commands_per_second);
    budget_ += rate * std::chrono::duration<double>(now - filled_at_).count();
    // What was not used while nobody answered is not caught up on.
    budget_ = std::min(budget_, std::max(rate / 20, 1.0));
    filled_at_ = now;
    for (const auto& worker : workers_)
        worker->drive(now);
    journal_.flush();
}

bool Client::idle() const {
    return std::ranges::all_of(workers_, [](const auto& worker) { return worker->idle(); });
}

bool Client::may_begin(std::size_t commands) {
    if (paused_ || budget_ <= 0) return false;
    budget_ -= static_cast<double>(commands);
    return true;
}

void Client::twin(const Step& step) {
    if (random_() % 30 == 0)
        twins_.push_back({step.key, step.path, step.type, step.body, {}, step.payment_id});
}

void Client::remember(const Step& step) {
    Known known{step.key, step.path, step.type, step.body, step.other_body, step.payment_id};
    ++known_seen_;
    if (known_.size() < known_max)
        known_.push_back(std::move(known));
    else if (const auto place = random_() % known_seen_; place < known_max)
        known_[place] = std::move(known);
}

void Client::mark() {
    marked_at_ = load::Clock::now();
    recovered_.clear();
}

void Client::accepted_at(std::string_view position, load::Clock::time_point sent_at) {
    if (marked_at_ == load::Clock::time_point{} || sent_at < marked_at_) return;
    int partition = -1;
    std::from_chars(position.data(), position.data() + position.size(), partition);
    const std::chrono::duration<double, std::milli> after = load::Clock::now() - marked_at_;
    recovered_.try_emplace(partition, after.count());
}

std::optional<std::vector<double>> Client::recovered() const {
    std::vector<double> all;
    for (int i = 0; i < options_.partitions; ++i) {
        const auto at = recovered_.find(i);
        if (at == recovered_.end()) return std::nullopt;
        all.push_back(at->second);
    }
    return all;
}

std::string Client::describe() const {
    std::string text = "sent " + std::to_string(tally_.commands) + " acknowledged " +
                       std::to_string(tally_.acknowledged) + " repeats " +
                       std::to_string(tally_.repeats) + " retries " +
                       std::to_string(tally_.retries) + " batches " +
                       std::to_string(tally_.batches) + " reads " + std::to_string(tally_.reads);
    return text;
}

} // namespace tests::crash
