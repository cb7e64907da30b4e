#include "tests/simulation/simulation.hpp"

#include "bus/simulated/simulated.hpp"
#include "tests/support/processing.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace tests {

namespace {

using namespace std::chrono_literals;
using bus::simulated::World;
using projections::Answer;

constexpr int streams = 6;
constexpr int rounds_max = 200'000;

// A command of the client, and what it heard of it.
struct Asked {
    std::string id, stream;
    Tally::Command command;
    std::optional<Answer> answer;
};

class Simulation {
public:
    Simulation(std::uint64_t seed, const SimulationOptions& options)
        : options_{options},
          world_{seed,
                 {.faults =
                      options.faults ? bus::simulated::Faults::all() : bus::simulated::Faults{}}},
          processes_(static_cast<std::size_t>(options.processes)) {
        world_.meanwhile([this] { let_others_go_on(); });
        plan();
    }

    SimulationResult run() {
        try {
            int rounds = 0;
            while (!finished() && broken_.empty()) {
                if (++rounds == rounds_max / 2) world_.calm();
                if (rounds == rounds_max) {
                    broken("it does not come to an end");
                    break;
                }
                round();
            }
            if (broken_.empty()) check();
        } catch (const std::exception& error) {
            broken(std::string{"thrown: "} + error.what());
        }
        const auto& counts = world_.counts();
        return {broken_,
                world_.trace(),
                world_.steps(),
                counts.crashes,
                counts.lost_aborted + counts.lost_committed,
                counts.refused,
                counts.rebalances,
                counts.freezes};
    }

private:
    struct Process {
        projections::MemoryStore store; // Its disk.
        std::unique_ptr<bus::Log> log;
        std::unique_ptr<Processing> processing;
        bool running = false; // Inside of one of its calls: it may be frozen there.
        std::size_t heard = 0;
    };

    void broken(std::string what) { broken_.push_back(std::move(what)); }

    std::uint64_t random(std::uint64_t count) { return world_.random().below(count); }

    void plan() {
        for (int i = 0; i < options_.commands; ++i) {
            Asked asked;
            asked.id = "c" + std::to_string(i);
            asked.stream = "tally-" + std::to_string(random(streams));
            const auto amount = static_cast<std::int64_t>(random(20));
            switch (random(10)) {
            case 0: asked.command = Add{0}; break;
            case 1: asked.command = Add{-1}; break;
            case 2: asked.command = Explode{"planned"}; break;
            case 3:
            case 4:
            case 5:
            case 6: asked.command = Send{"tally-" + std::to_string(random(streams)), amount}; break;
            default: asked.command = Add{amount}; break;
            }
            asked_.push_back(std::move(asked));
        }
    }

    void start(Process& process) {
        process.log = bus::simulated::open(world_);
        projections::ProcessorOptions options;
        options.streams_kept_max = 4;
        options.streams_dirty_max = 3;
        options.flush_after_milliseconds = 200;
        options.batch_commands_max = 1 + random(20);
        options.milliseconds_now = [this] { return world_.now().count() / 1000; };
        options.step = [this, &process](const char* name) {
            world_.runs(*process.log);
            world_.step(name);
            if (random(50) == 0) process.store.persist();
        };
        options.plant = options_.plant;
        process.processing =
            std::make_unique<Processing>(*process.log, process.store, std::move(options));
        process.heard = 0;
    }

    // Memory is gone; of what was written to disk lately, some.
    void die(Process& process) {
        process.processing.reset();
        process.log.reset();
        process.store.forget_unpersisted(random(process.store.unpersisted() + 1));
    }

    void turn(Process& process) {
        if (process.running) return;
        process.running = true;
        try {
            if (!process.processing) start(process);
            process.processing->processor.turn(20ms);
            hear(process);
        } catch (const bus::simulated::Crash&) {
            die(process);
        }
        process.running = false;
    }

    // One process stands still inside of a call; the world goes on.
    void let_others_go_on() {
        for (Process& process : processes_)
            if (!process.running && random(2) == 0) turn(process);
    }

    void round() {
        Process& process = processes_[random(processes_.size())];
        if (process.processing && !process.running && random(3) != 0) ask(process);
        turn(process);
        if (random(20) == 0) world_.advance(std::chrono::milliseconds{random(300)});
    }

    // Sends some commands: new ones, retries of unanswered ones, repeats of answered ones, and
    // now and then another command under a known id.
    void ask(Process& process) {
        std::vector<projections::Submission> sent;
        const std::size_t count = 1 + random(6);
        for (std::size_t i = 0; i < count; ++i) {
            // Mostly the first that are not answered, so that the run comes to its end.
            std::size_t at = random(asked_.size());
            if (random(3) != 0)
                for (at = 0; at + 1 < asked_.size() && (asked_[at].answer || random(3) == 0);
                     ++at) {
                }
            Asked& asked = asked_[at];
            // What could not be decided has left nothing to tell another command by.
            const bool other =
                asked.answer && asked.answer->rejection != "undecidable" && random(10) == 0;
            sent.push_back(submission(process.log->partitions(), asked.id, asked.stream,
                                      other ? Tally::Command{Add{1000}} : asked.command));
            sent.back().asker_item = at * 2 + (other ? 1 : 0);
        }
        process.processing->processor.submit(std::move(sent));
    }

    void hear(Process& process) {
        auto& answers = process.processing->answers.all;
        for (; process.heard < answers.size(); ++process.heard) {
            const Answer& answer = answers[process.heard];
            if (answer.kind == Answer::Kind::elsewhere || answer.kind == Answer::Kind::unavailable)
                continue;
            Asked& asked = asked_[answer.asker_item / 2];
            if (answer.asker_item % 2 == 1) {
                if (answer.kind != Answer::Kind::conflict)
                    broken(asked.id + " was accepted with another body");
                continue;
            }
            if (!asked.answer) {
                asked.answer = answer;
            } else if (asked.answer->kind != answer.kind ||
                       asked.answer->rejection != answer.rejection ||
                       asked.answer->sequence != answer.sequence ||
                       asked.answer->position != answer.position) {
                // What could not be decided is set aside anew each time.
                if (answer.rejection != "undecidable")
                    broken(asked.id + " got two answers: " + told(*asked.answer) + " and " +
                           told(answer));
            }
        }
    }

    static std::string told(const Answer& answer) {
        return std::to_string(static_cast<int>(answer.kind)) + " " + answer.rejection + " at " +
               std::to_string(answer.sequence) + ", " + std::to_string(answer.position.partition) +
               ":" + std::to_string(answer.position.offset) + (answer.replayed ? " again" : "");
    }

    bool finished() {
        if (!std::ranges::all_of(asked_, [](const Asked& one) { return one.answer.has_value(); }))
            return false;
        if (!calm_) {
            calm_ = true;
            world_.calm();
            settled_at_ = world_.now() + 30s; // What was on its way arrives.
        }
        if (world_.now() < settled_at_) return false;
        for (const Process& process : processes_) {
            if (!process.processing || process.running) return false;
            for (int partition = 0; partition < process.log->partitions(); ++partition) {
                // The end may lie behind places without a record.
                const auto rest = process.log->read(
                    bus::Topic::commands, {{partition, process.log->consumed(partition)}});
                if (!rest->read(1, 0ms).empty()) return false;
            }
        }
        return true;
    }

    void check() {
        bus::Log& log = *processes_.front().log;
        std::map<std::string, std::vector<schemas::EventView>> by_command;
        std::vector<std::unique_ptr<schemas::EnvelopeReader>> readers;
        const auto events = records(log, bus::Topic::events);
        std::set<std::string> ids;
        std::int64_t added = 0;
        for (const std::string& record : events) {
            readers.push_back(std::make_unique<schemas::EnvelopeReader>());
            const auto event = readers.back()->event(record).value();
            by_command[std::string{event.command}].push_back(event);
            if (!ids.insert(std::string{event.id}).second)
                broken(std::string{event.id} + " is there twice");
        }
        for (const Asked& asked : asked_)
            check_command(asked, by_command, added);
        for (const auto& [command, of_command] : by_command)
            for (const auto& event : of_command)
                if (event.type == Sent::type &&
                    by_command[std::string{event.id} + "/pass-on/add"].size() != 1)
                    broken(std::string{event.id} + " was not passed on exactly once");
        check_states(log, added);
    }

    void check_command(const Asked& asked,
                       std::map<std::string, std::vector<schemas::EventView>>& by_command,
                       std::int64_t& added) {
        const auto& of_command = by_command[asked.id];
        const Answer& answer = *asked.answer;
        if (answer.rejection == "undecidable") {
            if (!of_command.empty()) broken(asked.id + " has events, but could not be decided");
            return;
        }
        if (of_command.size() != 1) {
            broken(asked.id + " has " + std::to_string(of_command.size()) + " records");
            return;
        }
        const auto& event = of_command.front();
        const bool changed = event.sequence != 0;
        if (changed && event.sequence != answer.sequence)
            broken(asked.id + " was told another sequence");
        if (changed != (answer.rejection.empty() && !is_add_zero(asked)))
            broken(asked.id + " was told another outcome");
        if (event.type == Added::type) added += event.data["amount"].get_int64().value();
    }

    static bool is_add_zero(const Asked& asked) {
        const auto* add = std::get_if<Add>(&asked.command);
        return add != nullptr && add->amount == 0;
    }

    void check_states(bus::Log& log, std::int64_t added) {
        const auto replayed = replayed_rows(log); // Checks chain and sequences on its way.
        std::map<std::string, std::string> live;
        for (int partition = 0; partition < log.partitions(); ++partition)
            for (Process& process : processes_) {
                if (!process.processing->processor.owns(partition)) continue;
                owners_.emplace_back(partition, &process);
            }
        for (Process& process : processes_)
            process.processing->processor.leave();
        for (const auto& [partition, process] : owners_)
            process->store.for_each(partition, [&](std::string_view key, std::string_view row) {
                live.emplace(key, row);
            });
        if (live != replayed) broken("a replay gives other states than the running processors");

        projections::MemoryStore store;
        projections::Streams all{store, tally_registry(), 1000};
        projections::EventFold fold{all};
        std::int64_t total = 0;
        fold_all(log, all, fold);
        for (int i = 0; i < streams; ++i) {
            const std::string name = "tally-" + std::to_string(i);
            auto* stream = all.load(bus::partition_of(name, log.partitions()), name);
            std::string state;
            stream->state->write(state);
            simdjson::dom::parser parser;
            total += parser.parse(state)["amount"].get_int64().value();
        }
        if (total != added)
            broken("tallies hold " + std::to_string(total) + ", but " + std::to_string(added) +
                   " was added");
    }

    const SimulationOptions options_;
    World world_;
    std::vector<Process> processes_;
    std::vector<Asked> asked_;
    std::vector<std::string> broken_;
    bool calm_ = false;
    bus::simulated::Time settled_at_{0};
    std::vector<std::pair<int, Process*>> owners_;
};

} // namespace

SimulationResult simulate(std::uint64_t seed, const SimulationOptions& options) {
    return Simulation{seed, options}.run();
}

} // namespace tests
