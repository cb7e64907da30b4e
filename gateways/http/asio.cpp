// Asio, its TLS part and Beast are compiled here once; everybody else sees declarations.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
