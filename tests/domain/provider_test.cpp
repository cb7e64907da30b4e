// A provider: proved to be somebody, proved to own farms, approved, paid.

#include "domain/provider.hpp"

#include "tests/support/given.hpp"

namespace domain {

namespace {

using tests::given;
using tests::some_time;
using History = std::vector<ProviderEvent>;
using Rejection = ProviderRejection;

constexpr Time later(std::int64_t minutes) { return {some_time.milliseconds + minutes * 60'000}; }
constexpr std::int64_t three_days = 72 * 60;

const AccountId account{"user-p"};
const FarmId farm{"4711"}, other_farm{"4712"};
const std::vector<NodeId> nodes{{"11"}, {"12"}};
const PayoutDestination stellar{
    PayoutKind::stellar, "GBOVQKJYHXRR3DX6NOX2RRYFRCUMSADGDESTDNBDS6CDVLGVESRTAC47", {}};
const PayoutDestination bank{PayoutKind::stripe, "acct_1032D82eZvKYlo2C", {}};

History operator+(History history, const ProviderEvent& event) {
    history.push_back(event);
    return history;
}

const History registered{ProviderRegistered{account}};
const History under_review = registered + ProviderKycSubmitted{1, "vault/1"};
const History kyc_failed = under_review + ProviderKycFailed{1, "document_unreadable"};
const History second_case = kyc_failed + ProviderKycSubmitted{2, "vault/2"};
const History kyc_passed = under_review + ProviderKycPassed{1};
const History approved = kyc_passed + ProviderApproved{account};
const History suspended = approved + ProviderSuspended{account, "complaints", nodes};
const History declined = kyc_failed + ProviderDeclined{account, "no documents"};
const History exited = approved + ProviderExited{account};
const History claimed = registered + FarmClaimed{farm, "nonce-1", later(15)};
const History proved = claimed + FarmProved{farm, "twin-7", account};

TEST(ProviderRegistration, NeedsTheRoleAndHappensOnce) {
    given<Provider>({}).when(RegisterProvider{account, true}).then(registered);
    given<Provider>({})
        .when(RegisterProvider{account, false})
        .then_rejected(Rejection::role_missing);
    given<Provider>({}).when(RegisterProvider{{}, true}).then_rejected(Rejection::account_missing);
    for (const History& history : {registered, approved, declined, exited})
        given<Provider>(history)
            .when(RegisterProvider{account, true})
            .then_rejected(Rejection::already_provider);
}

TEST(ProviderThatWasNeverRegistered, RefusesEverythingElse) {
    const std::vector<ProviderCommand> commands{
        SubmitProviderKyc{},    RecordKycResult{},   ClaimFarm{},       ProveFarm{},
        RecordFarmOwner{},      ApproveProvider{},   DeclineProvider{}, SuspendProvider{},
        SetPayoutDestination{}, ReinstateProvider{}, ExitProvider{},
    };
    EXPECT_EQ(commands.size() + 1, std::variant_size_v<ProviderCommand>);
    for (const ProviderCommand& command : commands)
        given<Provider>({}).when(command).then_rejected(Rejection::not_found);
}

TEST(ProviderKyc, IsSubmittedUntilItPasses) {
    given<Provider>(registered)
        .when(SubmitProviderKyc{"vault/1"})
        .then({ProviderKycSubmitted{1, "vault/1"}});
    given<Provider>(kyc_failed)
        .when(SubmitProviderKyc{"vault/2"})
        .then({ProviderKycSubmitted{2, "vault/2"}});
    given<Provider>(registered)
        .when(SubmitProviderKyc{})
        .then_rejected(Rejection::documents_missing);
    given<Provider>(under_review)
        .when(SubmitProviderKyc{"vault/2"})
        .then_rejected(Rejection::kyc_pending);
    for (const History& history : {kyc_passed, approved, suspended})
        given<Provider>(history)
            .when(SubmitProviderKyc{"vault/2"})
            .then_rejected(Rejection::kyc_already_passed);
    given<Provider>(declined)
        .when(SubmitProviderKyc{"vault/2"})
        .then_rejected(Rejection::provider_declined);
}

TEST(ProviderKyc, ResultsAreOfACase) {
    given<Provider>(under_review).when(RecordKycResult{1, true, {}}).then({ProviderKycPassed{1}});
    given<Provider>(second_case)
        .when(RecordKycResult{2, false, "expired"})
        .then({ProviderKycFailed{2, "expired"}});
    given<Provider>(kyc_passed).when(RecordKycResult{1, true, {}}).then_nothing();
    given<Provider>(kyc_failed).when(RecordKycResult{1, false, {}}).then_nothing();
    given<Provider>(second_case).when(RecordKycResult{1, false, {}}).then_nothing();
    for (const std::uint32_t number : {0U, 2U})
        given<Provider>(under_review)
            .when(RecordKycResult{number, true, {}})
            .then_rejected(Rejection::case_unknown);
    given<Provider>(second_case)
        .when(RecordKycResult{1, true, {}})
        .then_rejected(Rejection::outcome_older_than_state);
    given<Provider>(kyc_passed)
        .when(RecordKycResult{1, false, {}})
        .then_rejected(Rejection::outcome_older_than_state);
}

TEST(ProviderFarm, IsClaimedWithANonce) {
    given<Provider>(registered)
        .when(ClaimFarm{farm, "nonce-1", false})
        .then({FarmClaimed{farm, "nonce-1", later(15)}});
    given<Provider>(claimed).when(ClaimFarm{farm, "nonce-1", false}).then_nothing();
    given<Provider>(claimed)
        .when(ClaimFarm{farm, "nonce-2", false}, later(20))
        .then({FarmClaimed{farm, "nonce-2", later(35)}});
    given<Provider>(registered)
        .when(ClaimFarm{{}, "nonce-1", false})
        .then_rejected(Rejection::farm_missing);
    given<Provider>(registered)
        .when(ClaimFarm{farm, "", false})
        .then_rejected(Rejection::nonce_missing);
    given<Provider>(registered)
        .when(ClaimFarm{farm, "nonce-1", true})
        .then_rejected(Rejection::farm_claimed_by_other);
    given<Provider>(proved)
        .when(ClaimFarm{farm, "nonce-2", false})
        .then_rejected(Rejection::farm_already_proved);
}

TEST(ProviderFarm, IsOneOfAHundredAtMost) {
    History history = registered;
    for (std::size_t i = 0; i < farms_max; ++i)
        history.push_back(FarmClaimed{{std::to_string(i)}, "nonce", later(15)});
    given<Provider>(history)
        .when(ClaimFarm{farm, "nonce-1", false})
        .then_rejected(Rejection::too_many_farms);
    given<Provider>(history)
        .when(ClaimFarm{{"7"}, "nonce-1", false})
        .then({FarmClaimed{{"7"}, "nonce-1", later(15)}});
}

TEST(ProviderFarm, IsProvedByASignatureOverTheNonce) {
    given<Provider>(claimed)
        .when(ProveFarm{farm, "nonce-1", "twin-7", true, false}, later(14))
        .then({FarmProved{farm, "twin-7", account}});
    given<Provider>(proved).when(ProveFarm{farm, "nonce-1", "twin-7", true, false}).then_nothing();
    const Provider provider = given<Provider>(proved).state();
    EXPECT_TRUE(has_proved(provider, farm));
    EXPECT_FALSE(has_proved(provider, other_farm));
    EXPECT_FALSE(has_proved(given<Provider>(claimed).state(), farm));
}

TEST(ProviderFarm, ProofsAreRefused) {
    const auto refused = [](const History& history, const ProveFarm& command, Rejection reason,
                            Time now = some_time) {
        given<Provider>(history).when(command, now).then_rejected(reason);
    };
    const ProveFarm good{farm, "nonce-1", "twin-7", true, false};
    refused(claimed, good, Rejection::nonce_expired, later(15));
    refused(claimed, {farm, "nonce-2", "twin-7", true, false}, Rejection::nonce_expired);
    refused(claimed, {farm, "nonce-1", "", true, false}, Rejection::twin_missing);
    refused(claimed, {farm, "nonce-1", "twin-7", true, true}, Rejection::farm_claimed_by_other);
    refused(claimed, {other_farm, "nonce-1", "twin-7", true, false}, Rejection::farm_not_claimed);
    refused(proved, {farm, "nonce-1", "twin-8", true, false}, Rejection::farm_already_proved);
}

TEST(ProviderFarm, NoncesAreForOneTry) {
    const ProviderEvent wrong = FarmProofRejected{farm, "signature_invalid"};
    given<Provider>(claimed).when(ProveFarm{farm, "nonce-1", "twin-7", false, false}).then({wrong});
    given<Provider>(claimed + wrong)
        .when(ProveFarm{farm, "nonce-1", "twin-7", true, false})
        .then_rejected(Rejection::nonce_expired);
    given<Provider>(claimed + wrong)
        .when(ClaimFarm{farm, "nonce-2", false})
        .then({FarmClaimed{farm, "nonce-2", later(15)}});
}

TEST(ProviderFarm, ProofEndsWithItsOwner) {
    given<Provider>(proved)
        .when(RecordFarmOwner{farm, "twin-8", nodes})
        .then({FarmProofExpired{farm, "twin-8", nodes}});
    given<Provider>(proved).when(RecordFarmOwner{farm, "twin-7", nodes}).then_nothing();
    given<Provider>(proved).when(RecordFarmOwner{other_farm, "twin-8", nodes}).then_nothing();
    given<Provider>(claimed).when(RecordFarmOwner{farm, "twin-8", nodes}).then_nothing();
    given<Provider>(proved)
        .when(RecordFarmOwner{farm, "", nodes})
        .then_rejected(Rejection::twin_missing);
    const History lost = proved + FarmProofExpired{farm, "twin-8", nodes};
    EXPECT_FALSE(has_proved(given<Provider>(lost).state(), farm));
    given<Provider>(lost)
        .when(ClaimFarm{farm, "nonce-2", false})
        .then({FarmClaimed{farm, "nonce-2", later(15)}});
}

TEST(ProviderApproval, NeedsKyc) {
    given<Provider>(kyc_passed).when(ApproveProvider{}).then({ProviderApproved{account}});
    for (const History& history : {registered, under_review, kyc_failed, second_case})
        given<Provider>(history).when(ApproveProvider{}).then_rejected(Rejection::kyc_missing);
    for (const History& history : {approved, suspended})
        given<Provider>(history).when(ApproveProvider{}).then_nothing();
    given<Provider>(declined).when(ApproveProvider{}).then_rejected(Rejection::provider_declined);
}

TEST(ProviderApproval, MayBeDeclined) {
    for (const History& history : {registered, under_review, kyc_failed, kyc_passed})
        given<Provider>(history)
            .when(DeclineProvider{"no documents"})
            .then({ProviderDeclined{account, "no documents"}});
    given<Provider>(declined).when(DeclineProvider{"again"}).then_nothing();
    given<Provider>(registered).when(DeclineProvider{}).then_rejected(Rejection::reason_missing);
    for (const History& history : {approved, suspended})
        given<Provider>(history)
            .when(DeclineProvider{"too late"})
            .then_rejected(Rejection::already_approved);
    // The answer of a case that was open changes no decision.
    EXPECT_EQ(given<Provider>(under_review + ProviderDeclined{account, "no"} + ProviderKycPassed{1})
                  .state()
                  .status,
              ProviderStatus::declined);
}

TEST(ProviderSuspension, HidesItsNodes) {
    given<Provider>(approved)
        .when(SuspendProvider{"complaints", nodes})
        .then({ProviderSuspended{account, "complaints", nodes}});
    given<Provider>(suspended).when(SuspendProvider{"again", nodes}).then_nothing();
    given<Provider>(approved)
        .when(SuspendProvider{"", nodes})
        .then_rejected(Rejection::reason_missing);
    for (const History& history : {registered, kyc_passed, declined})
        given<Provider>(history)
            .when(SuspendProvider{"complaints", nodes})
            .then_rejected(Rejection::not_approved);
}

TEST(ProviderSuspension, Ends) {
    given<Provider>(suspended)
        .when(ReinstateProvider{"cleared"})
        .then({ProviderReinstated{account, "cleared"}});
    given<Provider>(approved).when(ReinstateProvider{"cleared"}).then_nothing();
    given<Provider>(suspended).when(ReinstateProvider{}).then_rejected(Rejection::reason_missing);
    given<Provider>(kyc_passed)
        .when(ReinstateProvider{"cleared"})
        .then_rejected(Rejection::not_approved);
    EXPECT_EQ(given<Provider>(suspended + ProviderReinstated{account, "x"}).state().status,
              ProviderStatus::approved);
}

TEST(ProviderPayout, GoesToANewDestinationAfterThreeDays) {
    given<Provider>(approved)
        .when(SetPayoutDestination{stellar})
        .then({PayoutDestinationSet{account, stellar, later(three_days)}});
    const History set = approved + PayoutDestinationSet{account, stellar, later(three_days)};
    const Provider provider = given<Provider>(set).state();
    EXPECT_EQ(payable_destination(provider, later(three_days - 1)), std::nullopt);
    EXPECT_EQ(payable_destination(provider, later(three_days)), stellar);
    EXPECT_EQ(payable_destination(given<Provider>(approved).state(), later(three_days)),
              std::nullopt);
    // The same again does not begin the wait again; another does.
    given<Provider>(set).when(SetPayoutDestination{stellar}, later(60)).then_nothing();
    given<Provider>(set)
        .when(SetPayoutDestination{bank}, later(three_days))
        .then({PayoutDestinationSet{account, bank, later(2 * three_days)}});
    const History changed = set + PayoutDestinationSet{account, bank, later(2 * three_days)};
    EXPECT_EQ(payable_destination(given<Provider>(changed).state(), later(three_days)),
              std::nullopt);
}

TEST(ProviderPayout, NeedsAValidDestination) {
    PayoutDestination mistyped = stellar;
    mistyped.address.back() = 'A';
    given<Provider>(approved)
        .when(SetPayoutDestination{mistyped})
        .then_rejected(Rejection::destination_invalid);
}

TEST(ProviderExit, WaitsForNodesAndMoney) {
    for (const History& history : {registered, approved, suspended})
        given<Provider>(history)
            .when(ExitProvider{0, {{0, Currency::usd}, {0, Currency::tft}}})
            .then({ProviderExited{account}});
    given<Provider>(approved)
        .when(ExitProvider{1, {}})
        .then_rejected(Rejection::nodes_still_serving);
    for (const std::int64_t minor : {1, -1})
        given<Provider>(approved)
            .when(ExitProvider{0, {{0, Currency::usd}, {minor, Currency::tft}}})
            .then_rejected(Rejection::balance_unsettled);
}

TEST(ProviderExit, IsTheEnd) {
    const auto gone = given<Provider>(exited);
    gone.when(ExitProvider{1, {}}).then_nothing();
    gone.when(RecordFarmOwner{farm, "twin-8", {}}).then_nothing();
    const std::vector<ProviderCommand> refused{
        SubmitProviderKyc{"vault/9"},
        RecordKycResult{1, true, {}},
        ClaimFarm{farm, "n", false},
        ProveFarm{},
        ApproveProvider{},
        DeclineProvider{"x"},
        SuspendProvider{"x", {}},
        ReinstateProvider{"x"},
        SetPayoutDestination{stellar},
    };
    for (const ProviderCommand& command : refused)
        gone.when(command).then_rejected(Rejection::provider_exited);
}

} // namespace

} // namespace domain
