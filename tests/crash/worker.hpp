// One connection of the campaign's client: one request at a time, until it is answered.

#pragma once

#include "tests/crash/client.hpp"

namespace tests::crash {

class Client::Worker final : private load::Handler {
public:
    Worker(Client& client, std::size_t number);

    bool idle() const { return job_ == Job::none; }
    void drive(load::Clock::time_point now);

private:
    enum class Job { none, command, batch, repeat, repeat_batch, reuse, read };

    struct Item {
        Step step;
        bool done = false; // Was answered for good, and how:
        int status = 0;
        std::string code{}, id{}, position{};
        std::uint64_t version = 0;
    };

    void answered(load::Connection& connection, const load::Response& response) override;
    void failed(load::Connection& connection, load::Failure failure) override;

    void begin();
    void begin_fresh();
    void begin_repeat(const Known& known);
    void begin_read(const Workload::Known& payment);
    void send();
    void again(bool elsewhere);
    void conclude();
    void finish();
    void complain(const std::string& text);

    std::string post(std::string_view path, std::string_view key, std::string_view body) const;
    std::string batch_body() const;

    void single_answered(const load::Response& response);
    void batch_answered(const load::Response& response);
    // True when it is an answer for good, which is in the journal then.
    bool take(Item& item, Answered answer);
    void reuse_answered(const load::Response& response);
    void read_answered(const load::Response& response);
    bool fresh() const { return job_ == Job::command || job_ == Job::batch; }

    Client& client_;
    Workload workload_;
    load::Connection connection_;
    std::size_t server_ = 0;
    Job job_ = Job::none;
    std::vector<Item> items_;
    std::string request_;
    std::uint64_t version_ = 0; // Of the payment that is read.
    bool waiting_ = false;      // To send again, at again_at_.
    load::Clock::time_point again_at_, begun_at_;
    int attempts_ = 0;
};

} // namespace tests::crash
