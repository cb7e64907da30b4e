// What can be read besides resources as they stand: the ledger, the catalogue of nodes, pages,
// streams. One row a route, for the door and for whoever describes them.

#pragma once

#include "gateways/http/response.hpp"
#include "gateways/market/catalogue.hpp"
#include "gateways/market/query.hpp"
#include "gateways/market/reads.hpp"
#include "gateways/market/seal.hpp"
#include "gateways/token/principal.hpp"

#include <span>
#include <string>
#include <string_view>

namespace gateways::market {

// What a reading is made of. All outlive it.
struct ReadSources {
    projections::Views& views;
    const projections::Registry& registry;
    const Reads& reads;
    Catalogue& catalogue;
    const Seal& seal;
};

// What is asked for.
struct ReadAsk {
    Reader reader;
    Query query;
    std::string id; // What stands in the place of {...}, decoded.
    domain::Time now;
};

// What is answered: a body, or, with a code, a problem.
struct ReadAnswer {
    http::Status status = http::Status::ok;
    std::string body;
    std::string_view code = {};
    std::string detail = {};
    std::string field = {}; // The parameter that is wrong.
};

ReadAnswer wrong_parameter(std::string_view name, std::string detail);
ReadAnswer not_found();

// Where a route is answered from. Functions may block, and throw when the disk or the log fails.
using ReadHandler = ReadAnswer (*)(const ReadSources& sources, const ReadAsk& ask);

enum class ReadKind {
    rows,    // In the reading thread.
    totals,  // In the view's own thread while nothing changes: sums over all rows.
    stream,  // The feed of events.
    command, // Posted as another route's command.
};

inline constexpr std::string_view page_type = "text/html; charset=utf-8";

struct ReadRoute {
    std::string_view method; // "GET"; a "POST" here changes nothing.
    std::string_view path;   // "/v1/ledger/accounts/{account}/entries"; at most one {...}.
    token::Roles all;        // Who reads a tenant's.
    token::Roles own;        // Who reads what is theirs.
    std::span<const std::string_view> parameters; // Names of the query's.
    std::string_view content_type;
    std::string_view view; // What Min-Position speaks of; empty: it is not heeded.
    ReadKind kind;
    ReadHandler handler; // Null for a stream and a command.
    // Without anybody's token: the query's `token` says what its bearer may.
    bool by_link = false;
};

std::span<const ReadRoute> read_routes();

// The route of a path with what stands for {...} in it, not decoded. Null: none has this method and
// path. HEAD is asked for as GET.
const ReadRoute* read_route(std::string_view method, std::string_view path, std::string_view& id);

// Each in the file of its kind.
ReadAnswer read_ledger_accounts(const ReadSources& sources, const ReadAsk& ask);
ReadAnswer read_statement(const ReadSources& sources, const ReadAsk& ask);
ReadAnswer read_trial_balance(const ReadSources& sources, const ReadAsk& ask);
ReadAnswer read_invoice_page(const ReadSources& sources, const ReadAsk& ask);
ReadAnswer read_access(const ReadSources& sources, const ReadAsk& ask);
ReadAnswer make_pay_link(const ReadSources& sources, const ReadAsk& ask);
ReadAnswer read_payment_to_make(const ReadSources& sources, const ReadAsk& ask);
ReadAnswer read_catalogue(const ReadSources& sources, const ReadAsk& ask);

} // namespace gateways::market
