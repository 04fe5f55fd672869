# SPDX-License-Identifier: GPL-2.0-or-later
# A server of what never ends: /endless (bytes), /slow (a byte now and then), /bomb (an archive that swells), /holes (a sparse
# file of a terabyte in an archive). Prints its port.
import http.server
import io
import tarfile
import time
import zlib


def packed(info, data):
    c = zlib.compressobj(1, zlib.DEFLATED, 31)
    return c.compress(info.tobuf(tarfile.GNU_FORMAT)) + b''.join(c.compress(d) for d in data) + c.flush()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words):
        pass

    def body(self):
        info = tarfile.TarInfo('d/zeros')
        if self.path == '/bomb':
            info.size = 1 << 26
            self.wfile.write(packed(info, [bytes(1 << 20)] * 64))
        elif self.path == '/holes':
            info.pax_headers = {}
            sparse = tarfile.TarInfo('d/holes')
            header = bytearray(sparse.tobuf(tarfile.GNU_FORMAT))
            header[156:157] = b'S'  # GNU's sparse file: one byte of data at the end of a terabyte
            header[124:136] = b'00000001000\0'
            header[386:398] = b'\x80\0\0\0\0\0\0\xff\xff\xff\xfe\0'
            header[398:410] = b'00000001000\0'
            header[483:495] = b'\x80\0\0\0\0\0\1\0\0\0\0\0'
            header[148:156] = b' ' * 8
            header[148:156] = b'%06o\0 ' % sum(header)
            c = zlib.compressobj(1, zlib.DEFLATED, 31)
            self.wfile.write(c.compress(bytes(header) + bytes(512) + bytes(1024)) + c.flush())
        else:
            while True:
                self.wfile.write(b'x' if self.path == '/slow' else bytes(1 << 20))
                time.sleep(0.2 if self.path == '/slow' else 0)

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        try:
            self.body()
        except OSError:
            pass


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
