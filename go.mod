module github.com/dendro-carbon/dendro

go 1.26
