// What outlives the processes of a world: the records, the positions, the group of owners, and
// what is on its way to them.

#pragma once

#include "bus/simulated/simulated.hpp"

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bus::simulated {

struct Stored {
    Offset offset = 0;
    std::string key, value;
};

// One partition of one topic.
struct Line {
    std::deque<Stored> records; // A deque, because readers hold views of what it keeps.
    Offset next = 0;
    Offset visible = 0; // What readers see is below.
    Offset shown = 0;   // What is visible or will be at a known time is below.
    Time visible_at{0}; // When the last of it becomes visible.
};

struct Process {
    bool alive = true;
    bool frozen = false;
    std::uint64_t freezes = 0;
    std::size_t posted_bytes = 0; // On their way.
};

// One owner in the group.
struct Member {
    int process = 0;
    std::string name;
    bool joined = false;
    bool left = false;
    bool dead = false;        // Destroyed without leave(), or with its process.
    bool fenced = false;      // Something was taken that it has not been told of.
    std::vector<int> held;    // Ascending.
    std::vector<int> taken;   // To be told as lost.
    std::vector<Offset> next; // The next command to hand out, a partition.
};

// Who may commit for a partition.
struct Seat {
    int holder = -1;      // A member, or nobody.
    int target = -1;      // Whose it shall be.
    bool revoked = false; // The holder has to give it back, even if it gets it again.
    std::uint64_t changes = 0;
    Offset consumed = 0;
};

class Broker {
public:
    explicit Broker(World& world);

    World& world() { return world_; }
    Counts& counts() { return world_.counts_; }
    int partitions() const { return static_cast<int>(seats_.size()); }
    Line& line(Topic topic, int partition) {
        return lines_[static_cast<std::size_t>(topic)][static_cast<std::size_t>(partition)];
    }
    const Seat& seat(int partition) const { return seats_[static_cast<std::size_t>(partition)]; }

    // Processes.
    int start_process();
    void end_process(int process); // Without a fault: its memory goes.
    void die(int process);
    bool alive(int process) const { return processes_[index(process)].alive; }
    bool frozen(int process) const { return processes_[index(process)].frozen; }
    void set_frozen(int process, bool frozen);
    // What follows is done by this process. Throws Crash when it is dead.
    void enter(int process);
    int running() const { return running_; }
    void set_running(int process) { running_ = process; }

    // Records. `why` of a refusal, or empty.
    std::string check(const Transaction& transaction) const;
    void check_partition(int partition) const;
    // The positions are those of the transaction, or fewer.
    std::vector<Offset> apply(const Transaction& transaction,
                              const std::vector<PartitionOffset>& consumed);
    // It is aborted, which leaves unused offsets behind.
    void abort(const Transaction& transaction);
    // A transaction whose outcome nobody knows yet: decided later, at the latest when one of
    // the partitions its owner had is handed out or asked for its position.
    void leave_open(const Transaction& transaction, std::vector<int> held, bool died);
    void settle(int partition);
    Offset consumed(int partition);

    bool post(int process, Topic topic, int partition, std::string_view key,
              std::string_view value);

    bool disk_full() const { return disk_full_; }
    void set_disk_full(bool full);
    void fill_disk_for(Time time);

    // The group.
    int add_member(int process, std::string name);
    Member& member(int member) { return members_[index(member)]; }
    void join(int member);
    void leave(int member);
    void lose_member(int member); // It is gone without a word.
    void rebalance(bool abrupt, bool moved);
    // What poll() tells a member; also where it gives back what it has to.
    void tell(int member, std::vector<int>& lost);
    void grant(int member, std::vector<Tenure>& gained);
    // After an unclear commit: all its tenures have ended.
    void end_tenures(int member);

private:
    struct Posted {
        int process = 0;
        Topic topic{};
        int partition = 0;
        std::string key, value;
    };
    struct Open {
        Transaction transaction;
        std::vector<int> held;
        bool died = false;
        bool commits = false;
    };

    static std::size_t index(int number) { return static_cast<std::size_t>(number); }
    void store(Topic topic, int partition, std::string_view key, std::string_view value);
    void leave_gaps(const Transaction& transaction);
    void show(Topic topic, int partition, bool late);
    void deliver(std::uint64_t posted);
    void resolve(std::uint64_t open);
    void expire(int member);
    void release(int partition);
    void take(int partition);

    World& world_;
    std::array<std::vector<Line>, all_topics.size()> lines_;
    std::vector<Seat> seats_;
    std::deque<Member> members_;
    std::vector<Process> processes_;
    std::map<std::uint64_t, Posted> posted_;
    std::map<std::uint64_t, Open> open_;
    std::uint64_t numbers_ = 0; // Of posted_ and open_.
    int running_ = -1;
    bool disk_full_ = false;
    std::uint64_t disk_fills_ = 0;
};

} // namespace bus::simulated
