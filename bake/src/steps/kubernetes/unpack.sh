# shellcheck shell=sh
# Installs programs in the image. $1: a folder or an archive of them; $2: the folder they go into; the rest: their names,
# or nothing for all. They are moved, not copied, and an archive is overwritten with zeros before it goes: the bytes of a
# deleted file would stay in the disk image.
set -eu
what=$1
into=$2
shift 2
from=$what
if [ ! -d "$what" ]; then
    from=$what.unpacked
    mkdir "$from"
    tar --extract --file "$what" --directory "$from" --no-same-owner --no-anchored "$@"
    shred --iterations=0 --zero --remove "$what"
fi
chown -hR 0:0 "$from"
mkdir -p "$into"
[ $# -gt 0 ] || set -- '*'
for name; do
    find "$from" -type f -perm -u+x -name "$name" -exec chmod 0755 {} + -exec mv -t "$into" {} +
done
rm -rf "$from"
