# SPDX-License-Identifier: GPL-2.0-or-later
# The builder of downloads that are more than one plain file: tries $urls in turn with curl, then unpacks
# ($unpackArchive), puts a patch into a form that does not depend on the server ($normalisePatch), runs $postFetch.
set -e -o pipefail
source "$stdenv/setup"
umask 0022
export SSL_CERT_FILE="${NIX_SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}"

downloadedFile="$NIX_BUILD_TOP/${archiveName:-download}"
if ! type -P curl >/dev/null; then
    echo "error: $name is downloaded with curl, which this machine does not have (Debian: apt-get install curl)" >&2
    exit 1
fi

fetched=
for address in $urls; do
    echo "trying $address"
    # shellcheck disable=SC2086,SC2294 # curlOpts are words, curlOptsList is quoted for eval
    if eval "extra=(${curlOptsList-})" && curl --fail --location --silent --show-error --retry 2 --connect-timeout 20 \
        --max-redirs 20 ${curlOpts-} "${extra[@]}" --output "$downloadedFile" "$address"; then
        fetched=1
        break
    fi
done
if [ -z "$fetched" ]; then
    echo "error: cannot download $name from any of: $urls" >&2
    exit 1
fi

unpackTree() {
    local folder="$NIX_BUILD_TOP/unpacked" entries
    mkdir "$folder"
    (cd "$folder" && unpackFile "$downloadedFile")
    entries=("$folder"/*)
    if [ "$unpackArchive" = strip ]; then
        if [ ${#entries[@]} != 1 ] || [ ! -d "${entries[0]}" ]; then
            echo "error: the archive of $name does not hold exactly one folder; set stripRoot = false" >&2
            exit 1
        fi
        mv "${entries[0]}" "$out"
    else
        mv "$folder" "$out"
    fi
    chmod -R u+w "$out"
}

# A patch as nixpkgs puts it: the files sorted by name, each through filterdiff, so that hashes that people know hold here.
normalise() {
    local raw=$NIX_BUILD_TOP/raw.patch sorted=$NIX_BUILD_TOP/sorted.patch strip=${patchStrip:-0} word
    local -a chosen=() shaped=() rest=(-p1)
    if ! type -P filterdiff >/dev/null; then
        echo "error: fetchpatch needs filterdiff (Debian: apt-get install patchutils)" >&2
        exit 1
    fi
    ${decode:-cat} <"$downloadedFile" >"$raw"
    if [ -n "${patchRelative-}" ]; then
        chosen=(-p1 -i "$patchRelative/*")
        # Its folders go, and the a/ before them.
        word=${patchRelative//[^\/]/}
        strip=$((strip + ${#word} + 2))
        patchPrefix=${patchPrefix-}
        shaped=("--addoldprefix=a/$patchPrefix" "--addnewprefix=b/$patchPrefix")
    elif [ "$strip" != 0 ] || [ -n "${patchPrefix-}" ]; then
        shaped=("--addoldprefix=a/${patchPrefix-}" "--addnewprefix=b/${patchPrefix-}")
    fi
    lsdiff "${chosen[@]}" "$raw" | LC_ALL=C sort -u | while IFS= read -r word; do
        filterdiff --include="$(sed 's/[*?]/\\&/g' <<<"$word")" --strip="$strip" "${shaped[@]}" --clean "$raw" |
            sed -e "s|^--- a/${patchPrefix-}/dev/null|--- /dev/null|" -e "s|^+++ b/${patchPrefix-}/dev/null|+++ /dev/null|"
    done >"$sorted"
    # git's own lines between files stay for fetchpatch2 only; in a change every line begins with one of ' +-\\'.
    if [ -z "${patchHeaders-}" ]; then
        sed -i -E '/^(diff --git|index|(old|new|new file|deleted file) mode|(dis)?similarity index|(rename|copy) (from|to)) /d' "$sorted"
    fi
    if [ ! -s "$sorted" ]; then
        echo "error: what was downloaded as $name has no change in it${patchRelative:+ to $patchRelative}; it begins so:" >&2
        head -n 3 "$raw" | cut -c1-120 >&2
        echo "       (an address of a web page in place of the patch? on GitHub the address ends in .patch or .diff)" >&2
        exit 1
    fi
    for word in ${patchExcludes-}; do rest+=(-x "$word"); done
    for word in ${patchIncludes-}; do rest+=(-i "$word"); done
    if [ -n "${patchHunks-}" ]; then rest+=("--hunks=${patchHunks// /,}"); fi
    filterdiff "${rest[@]}" "$sorted" >"$out"
    if [ ! -s "$out" ]; then
        echo "error: nothing of the patch $name is left after includes, excludes and hunks; it changes:" >&2
        lsdiff "$sorted" | sed 's/^/       /' >&2
        exit 1
    fi
    if [ -n "${patchRevert-}" ]; then
        interdiff "$out" /dev/null >"$sorted"
        mv "$sorted" "$out"
    fi
}

if [ -n "${unpackArchive-}" ]; then
    unpackTree
elif [ -n "${normalisePatch-}" ]; then
    normalise
elif [ -z "${postFetch-}" ] || [ "${outputHashMode-}" = flat ]; then
    cp "$downloadedFile" "$out"
fi
if [ -n "${executable-}" ]; then chmod +x "$out"; fi
eval "${postFetch-}"
