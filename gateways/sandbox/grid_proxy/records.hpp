// The catalogue as the proxy writes it, and as a test hands it in: the same fields, of which only
// the ids are needed.

#pragma once

#include "gateways/sandbox/grid_proxy/catalogue.hpp"

#include <boost/json/object.hpp>

namespace gateways::sandbox::grid_proxy {

// As in a list; one node alone has its resources in "capacity".
boost::json::object write_node(const Catalogue& grid, const Node& node, Seconds now,
                               double balance);
boost::json::object write_single_node(const Catalogue& grid, const Node& node, Seconds now);
boost::json::array write_gpus(const Node& node, Seconds now);
boost::json::object write_statistics(const Catalogue& grid, const Node& node);
boost::json::object write_farm(const Farm& farm);
boost::json::object write_public_ip(const Farm& farm, const PublicIp& ip);
boost::json::object write_contract(const Catalogue& grid, const Contract& contract);
std::string_view name_of(ContractType type);
boost::json::object write_bill(const Bill& bill);
boost::json::object write_twin(const Twin& twin);

// Each throws BadScript for what it does not understand. Changes what is given and leaves the
// rest; fields that follow from others (rented, price_usd ...) are passed over.
void read_node(const boost::json::object& given, Node& node, Seconds now);
void read_farm(const boost::json::object& given, Farm& farm);
void read_contract(const boost::json::object& given, Contract& contract);
void read_bill(const boost::json::object& given, Bill& bill);
void read_twin(const boost::json::object& given, Twin& twin);

} // namespace gateways::sandbox::grid_proxy
