module route53-federation-sync/test/support/parts/pause

go 1.26.0
