// SPDX-License-Identifier: GPL-2.0-or-later
// The smallest useful kernel module: greets in the log, and counts how often it was told to.
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static int times = 1;
module_param(times, int, 0444);
MODULE_PARM_DESC(times, "how often to greet");

static int __init hello_init(void)
{
	int i;

	for (i = 0; i < times; i++)
		pr_info("hello world!\n");
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("bye world!\n");
}

module_init(hello_init);
module_exit(hello_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Says hello");
