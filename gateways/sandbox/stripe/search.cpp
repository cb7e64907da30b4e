#include "gateways/sandbox/stripe/search.hpp"

#include "gateways/sandbox/stripe/lists.hpp"
#include "gateways/sandbox/stripe/render.hpp"

#include <charconv>

namespace gateways::sandbox::stripe {

namespace {

namespace json = boost::json;

[[noreturn]] void refuse_query(std::string_view why) {
    refuse_parameter({}, "query", "We were unable to parse your search query: " + std::string{why});
}

void skip_spaces(std::string_view& rest) {
    while (rest.starts_with(' '))
        rest.remove_prefix(1);
}

bool take(std::string_view& rest, std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
}

// Between ' or ", with \ before a quote that belongs to the text.
std::string quoted(std::string_view& rest) {
    if (rest.empty() || (rest[0] != '\'' && rest[0] != '"')) refuse_query("a quote is missing");
    const char end = rest[0];
    std::string text;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\' && i + 1 < rest.size()) {
            text.push_back(rest[++i]);
        } else if (rest[i] == end) {
            rest.remove_prefix(i + 1);
            return text;
        } else {
            text.push_back(rest[i]);
        }
    }
    refuse_query("a quote is not closed");
}

bool is_numeric(std::string_view field) { return field == "amount" || field == "created"; }

bool is_known(std::string_view field) {
    return is_numeric(field) || field == "currency" || field == "customer" || field == "status" ||
           field == "metadata";
}

std::int64_t number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        refuse_query("a number is needed");
    return number;
}

} // namespace

Search::Clause Search::read_clause(std::string_view& rest) {
    Clause clause;
    clause.negated = take(rest, "-");
    std::size_t size = 0;
    while (size < rest.size() && ((rest[size] >= 'a' && rest[size] <= 'z') || rest[size] == '_'))
        ++size;
    clause.field = rest.substr(0, size);
    rest.remove_prefix(size);
    if (!is_known(clause.field)) refuse_query("unknown field " + clause.field);
    if (clause.field == "metadata") {
        if (!take(rest, "[")) refuse_query("metadata needs a key");
        clause.key = quoted(rest);
        if (!take(rest, "]")) refuse_query("a bracket is not closed");
    }
    skip_spaces(rest);
    if (take(rest, ":"))
        clause.how = Operator::equals;
    else if (take(rest, "~"))
        clause.how = Operator::contains;
    else if (take(rest, ">="))
        clause.how = Operator::greater_or_equal;
    else if (take(rest, ">"))
        clause.how = Operator::greater;
    else if (take(rest, "<="))
        clause.how = Operator::less_or_equal;
    else if (take(rest, "<"))
        clause.how = Operator::less;
    else
        refuse_query("an operator is missing");
    skip_spaces(rest);
    const bool compares = clause.how != Operator::equals && clause.how != Operator::contains;
    if (compares && !is_numeric(clause.field)) refuse_query(clause.field + " is not a number");
    if (take(rest, "null")) {
        if (clause.how != Operator::equals) refuse_query("null can only be equal");
        clause.null = true;
    } else if (is_numeric(clause.field) && !rest.starts_with('\'') && !rest.starts_with('"')) {
        clause.value = rest.substr(0, rest.find(' '));
        rest.remove_prefix(clause.value.size());
    } else {
        clause.value = quoted(rest);
    }
    if (is_numeric(clause.field)) {
        if (clause.how == Operator::contains || clause.null) refuse_query("a number is needed");
        number_of(clause.value);
    }
    return clause;
}

Search::Search(std::string_view query) {
    std::string_view rest = query;
    bool joined_by_and = false;
    for (;;) {
        skip_spaces(rest);
        clauses_.push_back(read_clause(rest));
        const bool spaced = rest.starts_with(' ');
        skip_spaces(rest);
        if (rest.empty()) break;
        if (!spaced) refuse_query("a space is missing");
        if (take(rest, "OR "))
            any_ = true;
        else if (take(rest, "AND "))
            joined_by_and = true;
        else
            joined_by_and = true; // A space alone means AND too.
    }
    if (any_ && joined_by_and) refuse_query("AND and OR cannot be combined");
}

bool Search::holds(const Clause& clause, const PaymentIntent& intent) {
    if (is_numeric(clause.field)) {
        const std::int64_t actual = clause.field == "amount" ? intent.amount : intent.created;
        const std::int64_t wanted = number_of(clause.value);
        switch (clause.how) {
        case Operator::greater: return actual > wanted;
        case Operator::greater_or_equal: return actual >= wanted;
        case Operator::less: return actual < wanted;
        case Operator::less_or_equal: return actual <= wanted;
        case Operator::equals:
        case Operator::contains: return actual == wanted;
        }
    }
    std::string actual;
    if (clause.field == "currency") actual = intent.currency;
    if (clause.field == "customer") actual = intent.customer;
    if (clause.field == "status") actual = name_of(intent.status);
    if (clause.field == "metadata") {
        const auto found = intent.metadata.find(clause.key);
        if (found != intent.metadata.end()) actual = found->second;
    }
    if (clause.null) return actual.empty();
    if (clause.how == Operator::contains) return actual.find(clause.value) != actual.npos;
    return actual == clause.value;
}

bool Search::matches(const PaymentIntent& intent) const {
    const auto meets = [&](const Clause& clause) {
        return holds(clause, intent) != clause.negated;
    };
    return any_ ? std::ranges::any_of(clauses_, meets) : std::ranges::all_of(clauses_, meets);
}

json::object search_payment_intents(Account& account, const Asked& asked) {
    const Parameters& given = asked.parameters;
    const Search search{given.required("query")};
    const std::size_t limit = read_page(given).limit;
    // The next page begins behind the intent that the last one ended with.
    const std::string after = given.text("page");
    const auto& intents = account.payment_intents.all();
    auto at = intents.rbegin();
    if (!after.empty()) {
        at = std::find_if(at, intents.rend(), [&](const auto& one) { return one.id == after; });
        if (at == intents.rend()) refuse_parameter({}, "page", "Invalid page: " + after);
        ++at;
    }
    const Seconds found_until = account.now() - account.terms.search_lag.count();
    json::array data;
    bool has_more = false;
    std::string last;
    for (; at != intents.rend() && !has_more; ++at) {
        if (at->created > found_until || !search.matches(*at)) continue;
        has_more = data.size() == limit;
        if (has_more) break;
        data.push_back(render(*at));
        last = at->id;
    }
    return {{"object", "search_result"},
            {"data", std::move(data)},
            {"has_more", has_more},
            {"next_page", has_more ? json::value(last) : json::value{}},
            {"url", "/v1/payment_intents/search"}};
}

} // namespace gateways::sandbox::stripe
