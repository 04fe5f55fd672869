# SPDX-License-Identifier: GPL-2.0-or-later
# A web server on loopback with a fault: server.py FOLDER PORT-FILE FAULT [PATTERN]. Requests whose path contains PATTERN meet it: none, 500 (always),
# 503-twice, cut (half of the body, then the end; with Range the rest), cut-always, stall, redirect (to the same file below /r), redirect-file (to file://),
# encode (Content-Encoding: zstd, by the program zstd), other (bytes of another file). Requests are written to FOLDER.log.
import http.server, os, re, subprocess, sys, time

folder, port_file, fault = sys.argv[1:4]
pattern = sys.argv[4] if len(sys.argv) > 4 else "nar/"
seen = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def send(self, status, data, headers=(), claim=None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) if claim is None else claim))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        with open(folder + ".log", "a") as log:
            log.write("%s %s\n" % (self.path, self.headers.get("Range", "-")))
        path = self.path[2:] if self.path.startswith("/r/") else self.path
        file = folder + path
        if not os.path.isfile(file):
            return self.send(404, b"no such file\n")
        data = open(file, "rb").read()
        start = 0
        m = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if m:
            start = int(m.group(1))
        n = seen[path] = seen.get(path, 0) + 1
        headers = [("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, len(data)))] if m else []
        status = 206 if m else 200
        if pattern not in path or fault == "none":
            return self.send(status, data[start:], headers)
        if fault == "500":
            return self.send(500, b"broken\n")
        if fault == "503-twice" and n <= 2:
            return self.send(503, b"busy\n")
        if fault == "cut-always" or (fault == "cut" and n == 1):
            self.send(status, data[start:start + (len(data) - start) // 2], headers, claim=len(data) - start)
            self.close_connection = True
            return None
        if fault == "stall":
            time.sleep(30)
        if fault == "redirect" and not self.path.startswith("/r/"):
            return self.send(302, b"", [("Location", "/r" + self.path)])
        if fault == "redirect-file":
            return self.send(302, b"", [("Location", "file://" + file)])
        if fault == "encode":
            packed = subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
            return self.send(200, packed, [("Content-Encoding", "zstd")])
        if fault == "other":
            data = open(sys.argv[5], "rb").read()
        return self.send(status, data[start:], headers)


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
server.daemon_threads = True
with open(port_file + ".new", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
