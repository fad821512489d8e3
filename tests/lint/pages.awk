# Imports of web/src: core knows nothing of the others, a page's folder nothing of another page's.
BEGIN {
    may["core"] = " core "
    may["media"] = " core media "
    may["board"] = " core board media ui "
    may["ui"] = " core ui "
    # words: the texts in each language, which everybody may show
    pages = " teach room admin replay "
}
function area_of(path) {
    sub(/^.*web\/src\//, "", path)
    return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : ""
}
FNR == 1 { area = area_of(FILENAME) }
/(from|import) *\(?['"]\.\.?\// {
    target = $0
    sub(/.*(from|import) *\(?['"]/, "", target)
    sub(/['"].*/, "", target)
    if (target !~ /^\.\.\//) {
        next
    }
    sub(/^\.\.\//, "", target)
    other = index(target, "/") ? substr(target, 1, index(target, "/") - 1) : ""
    if (area == "" || other == "" || other == area || other == "words") {
        next
    }
    if (area in may && index(may[area], " " other " ") == 0) {
        print FILENAME ":" FNR ": " area " may not import from " other
    } else if (index(pages, " " area " ") && index(pages, " " other " ")) {
        print FILENAME ":" FNR ": the page " area " may not import from the page " other
    }
}
area == "core" && /(^|[^A-Za-z0-9_.$])document\./ {
    print FILENAME ":" FNR ": core has no DOM"
}
