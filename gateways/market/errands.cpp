#include "gateways/market/errands.hpp"

#include "gateways/market/questions.hpp"
#include "schemas/parser.hpp"

namespace gateways::market {

using projections::Answer;

namespace {

struct ErrandQuestion final : Question {
    Errands::Then then;

    void answered(Answer& answer, std::vector<http::Answer>&) override {
        const std::unique_ptr<ErrandQuestion> self{this};
        using Told = projections::Poster::Told;
        switch (answer.kind) {
        case Answer::Kind::accepted:
            return then(answer.replayed ? Told::repeated : Told::decided, {});
        case Answer::Kind::refused:
            // These two are not remembered, and so leave no record that would close the item.
            if (!answer.replayed &&
                (answer.rejection == "stream_unreadable" || answer.rejection == "undecidable"))
                return then(Told::impossible, answer.rejection);
            return then(answer.replayed ? Told::repeated : Told::decided, answer.rejection);
        case Answer::Kind::conflict: return then(Told::impossible, "command_id_reused");
        case Answer::Kind::elsewhere:
        case Answer::Kind::unavailable: break;
        }
        then(Told::not_now, answer.reason);
    }
    void too_many(std::vector<http::Answer>&) override {
        const std::unique_ptr<ErrandQuestion> self{this};
        then(projections::Poster::Told::not_now, "too many commands wait");
    }
};

} // namespace

void Errands::post(const projections::TodoItem& item, const std::string& id,
                   const projections::PostedCommand& command, Then then) {
    const projections::AnyAggregate* aggregate = registry_.of_stream(command.stream);
    if (aggregate == nullptr) return then(Told::impossible, "stream is of no known aggregate");
    const auto json = schemas::thread_parser().parse(command.data, command.data.size());
    if (!json) return then(Told::impossible, json.error().problem);
    auto read = aggregate->read_command(command.type, *json, "data");
    if (!read) return then(Told::impossible, read.error().where + " " + read.error().problem);

    std::vector<projections::Submission> submissions(1);
    projections::Submission& one = submissions.front();
    one.id = id;
    one.stream = command.stream;
    one.tenant = command.tenant.empty() ? item.tenant : command.tenant;
    // "<event>/<worker>/<step>": the worker.
    const auto last = item.name.rfind('/');
    const auto before = last == std::string::npos ? last : item.name.rfind('/', last - 1);
    one.actor =
        before == std::string::npos ? item.name : item.name.substr(before + 1, last - before - 1);
    one.correlation = item.correlation;
    one.time = {milliseconds_now_()};
    one.partition = desk_.partition_of(one.stream);
    one.command = std::move(*read);
    auto question = std::make_unique<ErrandQuestion>();
    question->then = std::move(then);
    one.asker = static_cast<Question*>(question.get());
    if (desk_.submit(std::move(submissions))) {
        (void)question.release(); // Deletes itself with its answer.
        return;
    }
    question->then(Told::not_now, "too many commands wait");
}

} // namespace gateways::market
