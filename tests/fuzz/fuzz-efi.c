// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target: EFI programs, and the signature lists of the firmware's variables. What is read of a program
// must lie within it.
#include <stdlib.h>
#include "base/mem.h"
#include "boot/cert.h"
#include "boot/efistate.h"
#include "boot/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void certificates(const uint8_t *data, size_t size)
{
	struct cert_list list = {0};

	cert_list_parse(&list, data, size);
	for (size_t i = 0; i < list.len; i++) {
		_cleanup_free_ char *name = cert_subject(list.certs[i].data, list.certs[i].len),
		                    *pem = cert_pem(list.certs[i].data, list.certs[i].len);
		cert_is_below(&list.certs[i], &list.certs[0]);
	}
	cert_list_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_err_ struct err e = {0};
	struct pe pe;

	if (pe_parse(data, size, size, "input", &pe, &e) == 0)
		for (size_t i = 0; i < pe.len; i++)
			if ((uint64_t)pe.sections[i].offset + pe.sections[i].file_bytes > size)
				abort();
	certificates(data, size);
	return 0;
}
