// SPDX-License-Identifier: GPL-2.0-or-later
// A module with the name of one that the kernel has, which says that it is another.
#include <linux/init.h>
#include <linux/module.h>

static int __init ifb_init(void)
{
	pr_info("ifb: ours\n");
	return 0;
}

static void __exit ifb_exit(void)
{
}

module_init(ifb_init);
module_exit(ifb_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Takes the place of the kernel's ifb");
