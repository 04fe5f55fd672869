{ boot.loader.grub.enabled = true; }
