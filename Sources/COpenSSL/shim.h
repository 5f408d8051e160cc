#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Macros, which Swift does not see.
static inline int tw_bio_pending(BIO *bio) { return (int)BIO_pending(bio); }
static inline EVP_PKEY *tw_rsa_generate(unsigned int bits) { return EVP_RSA_gen(bits); }
