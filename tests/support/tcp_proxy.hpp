// A TCP proxy on loopback whose answers can be held back or cut: for what a client does when it
// never learns what became of its request.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

namespace tests {

class TcpProxy {
public:
    // Listens on 127.0.0.1:listen_port and connects each client to 127.0.0.1:target_port.
    // Throws std::system_error when the port is taken.
    TcpProxy(int listen_port, int target_port);
    ~TcpProxy();
    TcpProxy(const TcpProxy&) = delete;
    TcpProxy& operator=(const TcpProxy&) = delete;

    enum class Verdict {
        pass,
        hold_answers, // This goes through; no answer on this connection does, from now on.
        hold_all      // Neither this nor anything after it on this connection goes through.
    };

    // Sees what a client sends, as it comes from the network, before it is passed on. Called by
    // the proxy's thread.
    void judge(std::function<Verdict(std::string_view sent)> judge);

    // Connections that are held now.
    int held() const { return held_; }

    // Ends every connection; with refuse(true) new ones are ended at once, too.
    void cut();
    void refuse(bool refuse) { refuse_ = refuse; }

private:
    struct Line {
        int client = -1, server = -1;
        Verdict verdict = Verdict::pass;
    };

    void run();
    void accept_one();
    bool forward(Line& line, bool from_client);
    void close_all();

    int target_port_;
    int listener_ = -1;
    int wake_ = -1; // An eventfd: the thread has something to look at.
    std::vector<Line> lines_;
    std::mutex mutex_; // Of the judge.
    std::function<Verdict(std::string_view)> judge_;
    std::atomic<int> held_{0};
    std::atomic<bool> refuse_{false}, cut_{false}, stopping_{false};
    std::thread thread_;
};

} // namespace tests
