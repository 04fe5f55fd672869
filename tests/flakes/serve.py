# SPDX-License-Identifier: GPL-2.0-or-later
# A forge on this machine, https: the answers of github, gitlab and sourcehut about one repository, and files of a folder.
# serve.py FOLDER PORT-FILE CERTIFICATE REV: FOLDER/archive.tar.gz is the repository's archive at REV. Requests are noted in FOLDER/requests.
import http.server, json, os, ssl, sys

folder, port_file, certificate, rev = sys.argv[1:5]


class Forge(http.server.BaseHTTPRequestHandler):
    def answer(self, data, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if self.path == "/latest.tar.gz":
            here = "https://%s/%s.tar.gz?rev=%s&revCount=4" % (self.headers["Host"], rev, rev)
            self.send_header("Link", '<%s>; rel="immutable"' % here)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        with open(folder + "/requests", "a") as log:
            log.write(self.path + "\n")
        path = self.path.split("?")[0]
        plain = {
            "/api/v3/repos/o/r/commits/HEAD": json.dumps({"sha": rev, "commit": {"tree": {"sha": rev}}}),
            "/api/v3/repos/o/r/commits/main": json.dumps({"sha": rev, "commit": {"tree": {"sha": rev}}}),
            "/api/v4/projects/o%2Fr/repository/commits": json.dumps([{"id": rev}]),
            "/~o/r/HEAD": "ref: refs/heads/main\n",
            "/~o/r/info/refs": rev + "\trefs/heads/main\n",
        }
        archives = [
            "/o/r/archive/%s.tar.gz" % rev,
            "/api/v3/repos/o/r/tarball/" + rev,
            "/api/v4/projects/o%2Fr/repository/archive.tar.gz",
            "/~o/r/archive/%s.tar.gz" % rev,
        ]
        name = folder + "/archive.tar.gz" if path in archives else folder + "/files" + path
        if path in plain:
            self.answer(plain[path].encode())
        elif ".." not in path and os.path.isfile(name):
            self.answer(open(name, "rb").read())
        else:
            self.answer(b"no such file", 404)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("SERVE_PORT", "0"))), Forge)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate)
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(port_file + ".new", port_file)
server.serve_forever()
