// What can be asked of a deployment, what can happen to it, and why it is refused. Stored names
// are never renamed or reused; a new field is optional.

#pragma once

#include "domain/deployment_commands.hpp"
#include "domain/deployment_events.hpp"
#include "domain/deployment_service_events.hpp"
