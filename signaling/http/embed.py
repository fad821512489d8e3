"""Writes a JSON file as a C array, without its white space: embed.py NAME INPUT OUTPUT."""
import json
import sys

name, source, target = sys.argv[1:]
with open(source, encoding='utf-8') as f:
    data = json.dumps(json.load(f), ensure_ascii=False, separators=(',', ':')).encode()
lines = [','.join(str(b) for b in data[i:i + 24]) for i in range(0, len(data), 24)]
with open(target, 'w', encoding='utf-8') as f:
    f.write('static const unsigned char %s[] = {\n%s};\n' % (name, ',\n'.join(lines)))
