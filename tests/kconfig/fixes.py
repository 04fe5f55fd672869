#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Draws requests that do not hold from a tree, asks kernix for fixes, and tries each fix with the kernel's own conf.
# fixes.py KERNIX SRCTREE CONF ARCH BASE COUNT SEED [--alone]
import json, os, random, re, subprocess, sys, tempfile
kernix, src, conf, arch, base, count, seed = sys.argv[1:8]
alone = '--alone' in sys.argv
count, seed = int(count), int(seed)
srcarch = {'x86_64': 'x86', 'i386': 'x86'}.get(arch, arch)
mk = open(src + '/Makefile').read()
ver = '.'.join(re.search(rf'^{v} = (\d+)', mk, re.M).group(1) for v in ('VERSION', 'PATCHLEVEL', 'SUBLEVEL'))
cctext = subprocess.run(['gcc', '--version'], capture_output=True, text=True, env={'LC_ALL': 'C', 'PATH': os.environ['PATH']}).stdout.split('\n')[0]
E = dict(PATH='/usr/bin:/bin', HOME=os.environ.get('HOME', '/'), SRCARCH=srcarch, ARCH=arch, srctree=src, KERNELVERSION=ver, CC='gcc', LD='ld', AR='ar', NM='nm',
         OBJCOPY='objcopy', HOSTCC='gcc', HOSTCXX='g++', CONFIG_SHELL='sh', RUSTC='rustc', BINDGEN='bindgen', PAHOLE='pahole', PYTHON3='python3',
         RUSTC_VERSION_TEXT='', CLANG_FLAGS='', CC_VERSION_TEXT=cctext)
tmp = tempfile.mkdtemp()
if 'POPEN_CACHE' in os.environ: E['POPEN_CACHE'] = os.environ['POPEN_CACHE']
def run_conf(mode, config, text=None):
    d = tempfile.mkdtemp(dir=tmp)
    if text is not None: open(d + '/.config', 'w').write(text)
    subprocess.run([conf, mode, 'Kconfig'], cwd=d, env=dict(E, KCONFIG_CONFIG='.config'), capture_output=True)
    return open(d + '/.config').read()
def values(text):
    v = {}
    for l in text.split('\n'):
        m = re.match(r'CONFIG_(\w+)=(.*)', l)
        if m: v[m[1]] = m[2].strip('"')
        m = re.match(r'# CONFIG_(\w+) is not set', l)
        if m: v[m[1]] = 'n'
    return v
mode = f'--defconfig=arch/{srcarch}/configs/{base}' if base.endswith('_defconfig') else '--' + base
base_text = run_conf(mode, '.config')
have = values(base_text)
full = {}
for b in ('--allmodconfig', '--allyesconfig'):
    for n, v in values(run_conf(b, '.config')).items():
        if v in 'ym' and (n not in full or v == 'm'): full[n] = v
prompts = {}
for d, _, fs in os.walk(src):
    if '/tools' in d or '/Documentation' in d or '/scripts' in d: continue
    for f in fs:
        if not f.startswith('Kconfig'): continue
        cur = None
        for l in open(d + '/' + f, errors='replace'):
            m = re.match(r'\s*(?:menu)?config\s+(\w+)', l)
            if m: cur = m[1]
            m = re.match(r'\s+(bool|tristate)\s+"', l)
            if m and cur: prompts[cur] = m[1]
pool = sorted(n for n in full if n not in have and n in prompts)
random.Random(seed).shuffle(pool)
draw = pool[:count]
reqs = {n: ('y' if prompts[n] == 'bool' else full[n]) for n in draw}
def ask(r):
    f = tmp + '/r.json'
    json.dump(r, open(f, 'w'))
    p = subprocess.run([kernix, 'config', 'solve', '--source', src, '--arch', arch, '--base', base, '--request', f, '--json', '-o', tmp + '/out'],
                       env=dict(E, HOME=os.environ.get('HOME', '/')), capture_output=True, text=True)
    if not p.stdout: sys.exit(f'kernix ended with {p.returncode}: {p.stderr[-2000:]}')
    return json.loads(p.stdout)
fails = []
if alone:
    for n, v in reqs.items(): fails += ask({n: v})['failures']
else:
    fails = ask(reqs)['failures']
fixed = good = verified = 0
sizes = {}
for f in fails:
    if not f['fix']:
        print('no fix:', f['name'], f['value'], f['kind'], f['actual']); print('   ', '\n    '.join(f['reasons'])[:1500]); continue
    fixed += 1
    verified += f['fix']['verified']
    lines = [f['name'] + '=' + f['value']] + [x['name'] + '=' + x['value'] for x in f['fix']['requests']]
    start = base_text if alone else None
    got = values(run_conf('--olddefconfig', '.config', (base_text) + ''.join('CONFIG_' + l + '\n' for l in lines)))
    ok = got.get(f['name'], 'n') == f['value'] and all(got.get(x['name'], 'n') == x['value'] for x in f['fix']['requests'])
    good += ok
    sizes[len(lines) - 1] = sizes.get(len(lines) - 1, 0) + 1
    if not ok: print('fix does not hold:', f['name'], lines, got.get(f['name']), {x['name']: got.get(x['name']) for x in f['fix']['requests']})
    elif '-v' in sys.argv: print('fix:', lines)
print(f'{len(fails)} of {len(draw)} fail, {fixed} have a fix, {good} hold with conf, {verified} verified, sizes {sorted(sizes.items())}')
