// A Stripe sandbox until the input ends. Says where it is: "http://127.0.0.1:PORT".

#include "gateways/sandbox/stripe/stripe_sandbox.hpp"

#include <cstdio>
#include <exception>

int main() {
    try {
        gateways::sandbox::StripeSandbox sandbox;
        sandbox.start();
        std::printf("http://127.0.0.1:%u\n", unsigned{sandbox.port()});
        std::fflush(stdout);
        while (std::getchar() != EOF) {
        }
        sandbox.stop();
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "%s\n", fault.what());
        return 1;
    }
}
