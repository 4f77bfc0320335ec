#!/bin/sh
# Makes the certificates of the TLS tests, valid for a hundred years: an authority, a server (localhost) and two clients.
set -e
cd "$(dirname "$0")"
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }
new_key authority.key
openssl req -x509 -new -key authority.key -days 36500 -subj "/CN=Test authority" -out authority.pem
for name in server client renewed; do
  new_key "$name.key"
  openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > names.txt
  openssl x509 -req -in "$name.csr" -CA authority.pem -CAkey authority.key -CAcreateserial -days 36500 \
    -extfile names.txt -out "$name.pem"
  rm "$name.csr" names.txt
done
rm authority.key authority.srl
