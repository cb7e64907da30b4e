// GET /v1/invoices/{id}/page: an invoice to be read and printed by people.

#include "domain/dashboard.hpp"
#include "domain/invoice.hpp"
#include "gateways/market/read_routes.hpp"
#include "projections/ledger/ledger_reading.hpp"
#include "schemas/messages.hpp"

#include <algorithm>

namespace gateways::market {

using domain::InvoiceStatus;
using domain::Money;

namespace {

constexpr std::string_view style = R"(
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 46em; margin: 2em auto; }
header, .parties { display: flex; justify-content: space-between; gap: 2em; }
h1 { font-size: 1.6em; margin: 0; } h2 { font-size: 1em; margin: 2em 0 0.3em; }
.state { border: 1px solid; border-radius: 0.3em; padding: 0.1em 0.6em; align-self: center; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: 0.35em 0; border-bottom: 1px solid #ddd; }
td:last-child, th:last-child { text-align: right; font-variant-numeric: tabular-nums; }
.total td { font-weight: bold; border-bottom: 2px solid #222; }
@page { margin: 18mm; }
@media print { body { margin: 0; max-width: none; } tr, h2 { break-inside: avoid; } }
)";

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text)
        switch (c) {
        case '&': safe.append("&amp;"); break;
        case '<': safe.append("&lt;"); break;
        case '>': safe.append("&gt;"); break;
        case '"': safe.append("&quot;"); break;
        case '\'': safe.append("&#39;"); break;
        default: safe.push_back(c);
        }
    return safe;
}

std::string money(const Money& amount) {
    return projections::amount_text(amount.minor, amount.currency);
}

Money less(const Money& amount) { return {-amount.minor, amount.currency}; }

std::string day(domain::Time time) {
    std::string text;
    schemas::append_time(time, text);
    return text.substr(0, text.find('T'));
}

// "21" of 2100 basis points, "5.5" of 550.
std::string percent(std::int64_t basis_points) {
    std::string text = std::to_string(basis_points / 100);
    if (const auto rest = basis_points % 100; rest != 0) {
        text.append(rest < 10 ? ".0" : ".").append(std::to_string(rest));
        if (text.back() == '0') text.pop_back();
    }
    return text;
}

class Page {
public:
    void line(std::string_view what, const Money& amount, std::string_view kind = {}) {
        html.append(kind.empty() ? "<tr>" : "<tr class=\"").append(kind);
        html.append(kind.empty() ? "<td>" : "\"><td>").append(escaped(what));
        html.append("</td><td>").append(money(amount)).append("</td></tr>\n");
    }
    void open_table(std::string_view heading) {
        html.append("<h2>").append(heading).append("</h2>\n<table>\n");
    }
    void close_table() { html.append("</table>\n"); }

    std::string html;
};

std::string_view state_of(const domain::Invoice& invoice) {
    switch (invoice.status) {
    case InvoiceStatus::none:
    case InvoiceStatus::drafted: return "Draft";
    case InvoiceStatus::issued: return "To be paid";
    case InvoiceStatus::past_due: return "Past due";
    case InvoiceStatus::paid: return "Paid";
    case InvoiceStatus::credited: return "Credited";
    case InvoiceStatus::written_off: return "Written off";
    case InvoiceStatus::voided: return "Void";
    }
    return {};
}

struct Seller {
    std::string name, domain;
    std::string plan; // What is sold, as the dashboard calls it.
};

Seller seller_of(const ReadSources& sources, const std::string& tenant,
                 const domain::BillingTerms& terms) {
    Seller seller{terms.dashboard.value, {}, terms.plan.value};
    const auto rows = sources.views.rows(projections::ResourcesView::view_name);
    const auto row = projections::Resources{*rows, sources.registry}.row(
        std::string{domain::Dashboard::name} + "-" + terms.dashboard.value);
    if (!row || row->head.tenant != tenant) return seller;
    const auto& dashboard = projections::state_in<domain::Dashboard>(*row);
    seller.name = dashboard.display_name;
    if (dashboard.branding) {
        seller.name = dashboard.branding->title;
        seller.domain = dashboard.branding->domain;
    }
    for (const domain::Plan& plan : dashboard.plans)
        if (plan.id == terms.plan && plan.version == terms.plan_version) seller.plan = plan.title;
    return seller;
}

void write_parties(const domain::Invoice& invoice, const Seller& seller, Page& page) {
    page.html.append("<div class=\"parties\"><div><h2>Seller</h2>")
        .append(escaped(seller.name))
        .append(seller.domain.empty() ? "" : "<br>")
        .append(escaped(seller.domain))
        .append("</div><div><h2>Buyer</h2>Account ")
        .append(escaped(invoice.terms.payer.value));
    if (invoice.terms.tax_country)
        page.html.append("<br>Country ").append(escaped(*invoice.terms.tax_country));
    page.html.append("</div></div>\n");
}

void write_lines(const domain::Invoice& invoice, const Seller& seller, Page& page) {
    const domain::BillingTerms& terms = invoice.terms;
    page.open_table("Service");
    page.line(seller.plan + ", deployment " + invoice.period.deployment.value + ", " +
                  day(invoice.period.from) + " to " + day(invoice.period.until),
              terms.price);
    if (terms.discount.minor != 0)
        page.line("Discount" + (terms.discount_code ? " " + *terms.discount_code : ""),
                  less(terms.discount));
    page.line("Net", terms.net);
    page.line("Tax " + percent(terms.tax_basis_points) + " %" +
                  (terms.tax_country ? ", " + *terms.tax_country : ""),
              terms.tax);
    page.line("Total", terms.gross, "total");
    page.close_table();
}

void write_settlement(const domain::Invoice& invoice, Page& page) {
    if (invoice.status <= InvoiceStatus::drafted) return;
    page.open_table("Settlement");
    page.line("Issued", invoice.issued);
    for (const domain::InvoicePayment& one : invoice.payments)
        page.line("Payment " + one.payment.value, less(one.amount));
    for (const domain::InvoiceRefund& one : invoice.refunds)
        if (!one.failed)
            page.line("Given back, payment " + one.payment.value + ", refund " +
                          std::to_string(one.refund),
                      one.amount);
    for (const domain::AppliedCredit& one : invoice.credits)
        page.line("Credit " + one.reference, less(one.amount));
    if (invoice.notes.minor != 0) page.line("Credit notes", less(invoice.notes));
    if (invoice.written_off.minor != 0) page.line("Written off", less(invoice.written_off));
    if (invoice.voided.minor != 0) page.line("Voided", less(invoice.voided));
    page.line("Due", due_of(invoice), "total");
    page.close_table();
}

void write_credit_notes(const domain::Invoice& invoice, const std::string& number, Page& page) {
    for (const domain::CreditNote& note : invoice.credit_notes) {
        page.open_table("Credit note " + number + "-" + std::to_string(note.number));
        page.line("For " + note.reference + ", net", note.amount - note.tax);
        page.line("Tax", note.tax);
        page.line("Total", note.amount, "total");
        page.close_table();
    }
}

} // namespace

ReadAnswer read_invoice_page(const ReadSources& sources, const ReadAsk& ask) {
    const auto rows = sources.views.rows(projections::ResourcesView::view_name);
    const auto row = projections::Resources{*rows, sources.registry}.row(
        std::string{domain::Invoice::name} + "-" + ask.id);
    if (!row || !may_read(ask.reader, *row)) return not_found();
    const auto& invoice = projections::state_in<domain::Invoice>(*row);
    const Seller seller = seller_of(sources, ask.reader.tenant, invoice.terms);
    const std::string number = invoice.number ? std::to_string(*invoice.number) : "";
    const std::string title = number.empty() ? "Invoice (draft)" : "Invoice " + number;

    Page page;
    page.html
        .append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
        .append(title + ", " + escaped(seller.name))
        .append("</title>\n<style>")
        .append(style)
        .append("</style>\n</head>\n<body>\n<header><h1>")
        .append(title)
        .append("</h1><span class=\"state\">")
        .append(state_of(invoice))
        .append("</span></header>\n<p>")
        .append(escaped(ask.id))
        .append("</p>\n");
    write_parties(invoice, seller, page);
    write_lines(invoice, seller, page);
    write_settlement(invoice, page);
    write_credit_notes(invoice, number, page);
    page.html.append("</body>\n</html>\n");
    ReadAnswer answer;
    answer.body = std::move(page.html);
    return answer;
}

} // namespace gateways::market
