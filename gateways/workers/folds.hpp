// The to-do lists of all workers, for who looks at them without carrying anything out.

#pragma once

#include "projections/todo.hpp"

#include <memory>
#include <vector>

namespace gateways::workers {

std::vector<std::unique_ptr<projections::TodoFold>> all_folds();

} // namespace gateways::workers
