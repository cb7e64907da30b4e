#include "gateways/market/command_routes.hpp"

#include "domain/payment.hpp"
#include "schemas/messages.hpp"

#include <algorithm>
#include <array>

namespace gateways::market {

namespace {

using token::Roles;
constexpr Roles user = Roles::cloud_user;
constexpr Roles provider = Roles::cloud_provider;
constexpr Roles staff = Roles::cloud_operator;
constexpr Roles service = Roles::service;

// What the door or a policy puts into a command is not for its caller to say: such commands are
// the services', and people have routes of their own where they need them.
constexpr Roles readers = reads_all;

// Nodes are a catalogue, and storefronts are there to be seen.
constexpr auto resources = std::to_array<ResourceRoute>({
    {"accounts", "account", readers, user | provider},
    {"books", "book", readers, Roles::none},
    {"cards", "card", readers, user},
    {"customer-credits", "customer_credit", readers, user},
    {"dashboards", "dashboard", readers | user | provider, Roles::none},
    {"deployments", "deployment", readers, user},
    {"discount-codes", "discount_code", readers, Roles::none},
    {"effects", "effect", readers, Roles::none},
    {"inbound-events", "inbound_event", readers, Roles::none},
    {"invoices", "invoice", readers, user},
    {"market-data", "market_data", readers | user | provider, Roles::none},
    {"nodes", "node", readers | user | provider, Roles::none},
    {"participations", "participation", readers, provider},
    {"payments", "payment", readers, user},
    {"providers", "provider", readers, provider},
    {"subscriptions", "subscription", readers, user},
    {"usages", "usage", readers, Roles::none},
});

constexpr auto routes = std::to_array<CommandRoute>({
    {"account.register", "accounts", "register", user | provider | staff | service},
    {"account.verify_email", "accounts", "verify-email", user | provider | staff | service},
    {"account.renew_email_code", "accounts", "renew-email-code", service},
    {"account.update_profile", "accounts", "update-profile", user | provider | staff | service},
    {"account.set_tax_details", "accounts", "set-tax-details", staff | service},
    {"account.accept_terms", "accounts", "accept-terms", service},
    {"account.grant_role", "accounts", "grant-role", staff | service, true},
    {"account.revoke_role", "accounts", "revoke-role", service},
    {"account.add_ssh_key", "accounts", "add-ssh-key", user | provider | staff | service},
    {"account.remove_ssh_key", "accounts", "remove-ssh-key", user | provider | staff | service},
    {"account.set_notification_preferences", "accounts", "set-notification-preferences",
     user | provider | staff | service},
    {"account.set_spending_limit", "accounts", "set-spending-limit", service},
    {"account.enroll_second_factor", "accounts", "enroll-second-factor", service},
    {"account.issue_api_key", "accounts", "issue-api-key", user | provider | staff | service, true},
    {"account.revoke_api_key", "accounts", "revoke-api-key", user | provider | staff | service},
    {"account.suspend_spending", "accounts", "suspend-spending", staff | service},
    {"account.resume_spending", "accounts", "resume-spending", staff | service},
    {"account.suspend", "accounts", "suspend", staff | service},
    {"account.reinstate", "accounts", "reinstate", staff | service},
    {"account.start_impersonation", "accounts", "start-impersonation", staff | service, true},
    {"account.end_impersonation", "accounts", "end-impersonation", staff | service},
    {"account.export_data", "accounts", "export-data", user | provider | staff | service},
    {"account.record_data_export", "accounts", "record-data-export", service},
    {"account.close", "accounts", "close", service},
    {"account.record_default_card", "accounts", "record-default-card", service},
    {"account.forget_default_card", "accounts", "forget-default-card", service},
    {"book.propose_adjustment", "books", "propose-adjustment", staff | service, true},
    {"book.approve_adjustment", "books", "approve-adjustment", staff | service, true},
    {"book.reject_adjustment", "books", "reject-adjustment", staff | service, true},
    {"book.close", "books", "close", service},
    {"card.start_setup", "cards", "start-setup", service},
    {"card.record_setup_outcome", "cards", "record-setup-outcome", service},
    {"card.make_default", "cards", "make-default", user | staff | service},
    {"card.remove", "cards", "remove", service},
    {"card.record_update", "cards", "record-update", service},
    {"customer_credit.grant", "customer-credits", "grant", staff | service, true},
    {"customer_credit.approve", "customer-credits", "approve", staff | service, true},
    {"customer_credit.reject", "customer-credits", "reject", staff | service, true},
    {"customer_credit.hold", "customer-credits", "hold", service},
    {"customer_credit.release", "customer-credits", "release", service},
    {"customer_credit.spend", "customer-credits", "spend", service},
    {"customer_credit.expire", "customer-credits", "expire", service},
    {"customer_credit.forfeit", "customer-credits", "forfeit", service},
    {"dashboard.create", "dashboards", "", service},
    {"dashboard.brand", "dashboards", "brand", service},
    {"dashboard.connect_stripe", "dashboards", "connect-stripe", service},
    {"dashboard.set_markup", "dashboards", "set-markup", staff | service},
    {"dashboard.publish_plan", "dashboards", "publish-plan", service},
    {"dashboard.reprice_plan", "dashboards", "reprice-plan", service},
    {"dashboard.retire_plan", "dashboards", "retire-plan", staff | service},
    {"dashboard.set_placement_policy", "dashboards", "set-placement-policy", staff | service},
    {"dashboard.set_tax_rules", "dashboards", "set-tax-rules", staff | service},
    {"dashboard.set_dunning_policy", "dashboards", "set-dunning-policy", staff | service},
    {"dashboard.set_sales_settings", "dashboards", "set-sales-settings", staff | service, true},
    {"dashboard.add_staff", "dashboards", "add-staff", staff | service, true},
    {"dashboard.remove_staff", "dashboards", "remove-staff", staff | service, true},
    {"dashboard.go_live", "dashboards", "go-live", service},
    {"dashboard.pause_sales", "dashboards", "pause-sales", staff | service},
    {"dashboard.resume_sales", "dashboards", "resume-sales", staff | service},
    {"dashboard.begin_closing", "dashboards", "begin-closing", staff | service, true},
    {"dashboard.close", "dashboards", "close", service},
    {"deployment.place_workloads", "deployments", "place-workloads", service},
    {"deployment.restart", "deployments", "restart", user | staff | service},
    {"deployment.open_console", "deployments", "open-console", user | staff | service},
    {"deployment.suspend", "deployments", "suspend", staff | service},
    {"deployment.resume", "deployments", "resume", staff | service},
    {"deployment.cancel", "deployments", "cancel", user | staff | service},
    {"deployment.attach_domain", "deployments", "attach-domain", service},
    {"deployment.add_backup", "deployments", "add-backup", service},
    {"deployment.remove_backup", "deployments", "remove-backup", service},
    {"deployment.resize", "deployments", "resize", service},
    {"deployment.claim_orphan", "deployments", "claim-orphan", service},
    {"deployment.record_reservation", "deployments", "record-reservation", service},
    {"deployment.record_discount", "deployments", "record-discount", service},
    {"deployment.record_payment", "deployments", "record-payment", service},
    {"deployment.record_contract", "deployments", "record-contract", service},
    {"deployment.record_workload", "deployments", "record-workload", service},
    {"deployment.record_release", "deployments", "record-release", service},
    {"deployment.record_domain", "deployments", "record-domain", service},
    {"deployment.record_restart", "deployments", "record-restart", service},
    {"deployment.record_resize", "deployments", "record-resize", service},
    {"discount_code.create", "discount-codes", "create", staff | service},
    {"discount_code.retire", "discount-codes", "retire", staff | service},
    {"discount_code.reserve", "discount-codes", "reserve", service},
    {"discount_code.consume", "discount-codes", "consume", service},
    {"discount_code.release", "discount-codes", "release", service},
    {"effect.retry", "effects", "retry", staff | service},
    {"effect.drop", "effects", "drop", staff | service, true},
    {"effect.conclude", "effects", "conclude", service},
    {"effect.park", "effects", "park", service},
    {"inbound_event.receive", "inbound-events", "receive", service},
    {"inbound_event.apply", "inbound-events", "apply", service},
    {"inbound_event.park", "inbound-events", "park", service},
    {"invoice.issue_credit_note", "invoices", "issue-credit-note", staff | service, true},
    {"market_data.record_tft_price", "market-data", "record-tft-price", service},
    {"market_data.record_pricing_policy", "market-data", "record-pricing-policy", service},
    {"market_data.mark_feed_stale", "market-data", "mark-feed-stale", service},
    {"node.register", "nodes", "register", service},
    {"node.verify", "nodes", "verify", staff | service},
    {"node.expose", "nodes", "expose", service},
    {"node.hide", "nodes", "hide", staff | provider | service},
    {"node.label", "nodes", "label", provider | staff | service},
    {"node.exclude", "nodes", "exclude", staff | service},
    {"node.readmit", "nodes", "readmit", staff | service},
    {"node.drain", "nodes", "drain", provider | staff | service},
    {"node.retire", "nodes", "retire", provider | staff | service},
    {"node.reserve_capacity", "nodes", "reserve-capacity", service},
    {"node.confirm_capacity", "nodes", "confirm-capacity", service},
    {"node.release_capacity", "nodes", "release-capacity", service},
    {"node.expire_reservation", "nodes", "expire-reservation", service},
    {"node.record_capacity", "nodes", "record-capacity", service},
    {"node.record_probe", "nodes", "record-probe", service},
    {"participation.request", "participations", "request", service},
    {"participation.comment", "participations", "comment", provider | staff | service},
    {"participation.approve", "participations", "approve", staff | service},
    {"participation.deny", "participations", "deny", staff | service},
    {"participation.withdraw", "participations", "withdraw", provider | service},
    {"participation.accept_sla", "participations", "accept-sla", provider | service},
    {"participation.end", "participations", "end", service},
    {"payment.request", "payments", "", user | staff | service},
    {"payment.confirm", "payments", "confirm", user | staff | service},
    {"payment.capture", "payments", "capture", staff | service, true},
    {"payment.void", "payments", "void", staff | service, true},
    {"payment.refund", "payments", "refund", staff | service, true},
    {"payment.submit_evidence", "payments", "submit-evidence", staff | service},
    {"payment.accept_dispute", "payments", "accept-dispute", staff | service, true},
    {"payment.record_outcome", "payments", "record-outcome", service},
    {"payment.record_capture_outcome", "payments", "record-capture-outcome", service},
    {"payment.expire_hold", "payments", "expire-hold", service},
    {"payment.record_card_fee", "payments", "record-card-fee", service},
    {"payment.record_refund_outcome", "payments", "record-refund-outcome", service},
    {"payment.record_dispute", "payments", "record-dispute", service},
    {"payment.record_dispute_outcome", "payments", "record-dispute-outcome", service},
    {"payment.record_fraud_warning", "payments", "record-fraud-warning", service},
    {"provider.register", "providers", "register", service},
    {"provider.submit_kyc", "providers", "submit-kyc", provider | staff | service},
    {"provider.record_kyc_result", "providers", "record-kyc-result", service},
    {"provider.claim_farm", "providers", "claim-farm", service},
    {"provider.prove_farm", "providers", "prove-farm", service},
    {"provider.record_farm_owner", "providers", "record-farm-owner", service},
    {"provider.approve", "providers", "approve", staff | service, true},
    {"provider.decline", "providers", "decline", staff | service, true},
    {"provider.set_payout_destination", "providers", "set-payout-destination", provider | service,
     true},
    {"provider.suspend", "providers", "suspend", staff | service},
    {"provider.reinstate", "providers", "reinstate", staff | service},
    {"provider.exit", "providers", "exit", service},
    {"subscription.cancel", "subscriptions", "cancel", user | staff | service},
    {"subscription.start", "subscriptions", "start", service},
    {"subscription.open_renewal", "subscriptions", "open-renewal", service},
    {"subscription.renew", "subscriptions", "renew", service},
    {"subscription.record_renewal_failure", "subscriptions", "record-renewal-failure", service},
    {"subscription.suspend", "subscriptions", "suspend", service},
    {"subscription.recover", "subscriptions", "recover", service},
    {"subscription.change_plan", "subscriptions", "change-plan", service},
    {"subscription.end", "subscriptions", "end", service},
});

} // namespace

std::span<const CommandRoute> command_routes() { return routes; }

const CommandRoute* command_route(std::string_view type) {
    const auto found = std::ranges::find(routes, type, &CommandRoute::type);
    return found == routes.end() ? nullptr : &*found;
}

const CommandRoute* command_route(std::string_view resource, std::string_view verb) {
    const auto found = std::ranges::find_if(routes, [&](const CommandRoute& route) {
        return route.resource == resource && route.verb == verb;
    });
    return found == routes.end() ? nullptr : &*found;
}

std::span<const ResourceRoute> resource_routes() { return resources; }

const ResourceRoute* resource_route(std::string_view resource) {
    const auto found = std::ranges::find(resources, resource, &ResourceRoute::resource);
    return found == resources.end() ? nullptr : &*found;
}

const ResourceRoute* aggregate_route(std::string_view aggregate) {
    const auto found = std::ranges::find(resources, aggregate, &ResourceRoute::aggregate);
    return found == resources.end() ? nullptr : &*found;
}

std::string_view forbidden(const token::Principal& principal,
                           const projections::AnyCommand& command, std::string_view id) {
    if (principal.has(staff | service)) return {};
    if (command.type() == domain::RequestPayment::type) {
        using Payments = projections::Aggregate<domain::Payment>;
        const auto& payment = static_cast<const Payments::KnownCommand&>(command).value;
        if (std::get<domain::RequestPayment>(payment).payer.value != principal.subject)
            return "payer_is_not_the_caller";
    }
    // An account has the name of the subject it belongs to.
    if (command.type() == domain::RegisterAccount::type && id != principal.subject)
        return "account_is_not_the_callers";
    return {};
}

} // namespace gateways::market
