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

# File names without the folders that stripLen takes off, no timestamps, no index lines, the files sorted by name.
normalise() {
    if ! type -P filterdiff >/dev/null; then
        echo "error: fetchpatch needs filterdiff (Debian: apt-get install patchutils)" >&2
        exit 1
    fi
    local options=(--strip-match=1) word
    if [ "${patchStrip:-0}" != 0 ]; then options+=("--strip=$patchStrip" --addoldprefix=a/ --addnewprefix=b/); fi
    if [ -n "${patchPrefix-}" ]; then options+=("--addoldprefix=a/$patchPrefix" "--addnewprefix=b/$patchPrefix"); fi
    for word in ${patchIncludes-}; do options+=("--include=$word"); done
    for word in ${patchExcludes-}; do options+=("--exclude=$word"); done
    if [ -n "${patchRelative-}" ]; then options+=("--include=$patchRelative/*"); fi
    ${decode:-cat} <"$downloadedFile" | filterdiff --clean --remove-timestamps "${options[@]}" >"$out"
    if [ ! -s "$out" ]; then
        echo "error: nothing of the patch $name is left after filtering" >&2
        exit 1
    fi
    if [ -n "${patchRevert-}" ]; then
        interdiff "$out" /dev/null >"$out.reverted"
        mv "$out.reverted" "$out"
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
