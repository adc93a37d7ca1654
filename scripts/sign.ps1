# For SIGNING_SCRIPT of 'npm run package', on Windows: signs files with the certificate in SIGNING_CERTIFICATE, a PFX file in base64, whose
# password is in SIGNING_PASSWORD. A signature with a time stamp outlives its certificate.
$ErrorActionPreference = 'Stop'
$bytes = [Convert]::FromBase64String($env:SIGNING_CERTIFICATE)
$certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new($bytes, $env:SIGNING_PASSWORD)
$signed = $args | Set-AuthenticodeSignature -Certificate $certificate -HashAlgorithm SHA256 -TimestampServer http://timestamp.digicert.com
$unsigned = $signed | Where-Object Status -NE Valid
if ($unsigned) { throw "$($unsigned.Path -join ', ') cannot be signed: $($unsigned.StatusMessage -join ' ')" }
