{ hadrware.nvidia.open = true; }
