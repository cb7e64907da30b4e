#include "gateways/workers/folds.hpp"

#include "gateways/tfgrid/effects.hpp"
#include "gateways/workers/payments.hpp"
#include "projections/timers.hpp"

namespace gateways::workers {

std::vector<std::unique_ptr<projections::TodoFold>> all_folds() {
    std::vector<std::unique_ptr<projections::TodoFold>> folds;
    folds.push_back(std::make_unique<projections::TimersTodo>());
    folds.push_back(std::make_unique<PaymentsTodo>());
    folds.push_back(std::make_unique<tfgrid::GridTodo>());
    return folds;
}

} // namespace gateways::workers
